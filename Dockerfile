# rekproxy in a slim image, from wheels alone. Everything it writes is below /data (and /tmp).
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY config config
COPY rekproxy rekproxy
RUN python -m venv /opt/rekproxy \
 && pip wheel --no-cache-dir --no-deps --wheel-dir /wheel . \
 && /opt/rekproxy/bin/pip install --no-cache-dir --only-binary :all: "$(ls /wheel/*.whl)[local,postgres,fast]"

FROM python:3.13-slim
COPY --from=build /opt/rekproxy /opt/rekproxy
RUN install -d -o 10001 -g 10001 -m 700 /data
ENV PATH=/opt/rekproxy/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 REKPROXY_DATA_DIR=/data
USER 10001:10001
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
ENTRYPOINT ["rekproxy"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
