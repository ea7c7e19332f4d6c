"""A way into PostgreSQL beside the catalog's own."""

from sqlalchemy import Engine, NullPool, create_engine, make_url, text


def administrator(database_url: str) -> Engine:
    """Runs single statements; `replica` keeps triggers and foreign keys out of the way of cleaning up."""
    return create_engine(
        make_url(database_url).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
        connect_args={"options": "-c session_replication_role=replica"},
    )


def run(engine: Engine, *statements: str) -> None:
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
