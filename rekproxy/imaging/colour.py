"""Any mode, depth and profile that a file brings, to plain 8 bit sRGB: RGB, or RGBA where there is alpha."""

from io import BytesIO

from PIL import Image, ImageChops, ImageCms

_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
#: A profile that moves no colour of a probe by more than this (of 255) is sRGB, whatever it calls itself.
_SAME = 3
_STEPS = range(0, 256, 51)
#: The file gamma that sRGB displays expect. A PNG whose gamma is this close to it needs no correction.
_DISPLAY_GAMMA = 1 / 2.2
_GAMMA_TOLERANCE = 0.01
#: Below this alpha a colour keeps only as many levels as can be told apart through it.
_FAINT = 128
#: Pixels that are taken at a time, so that a large picture is not held a second time.
_STRIP_PIXELS = 1 << 20


def to_srgb(image: Image.Image, *, shared: bool = False) -> Image.Image:
    """RGB or RGBA, sRGB, 8 bit, with an empty `info`, so that no encoder can find metadata to write.

    Alpha that is opaque everywhere is dropped, and so is of a colour what its alpha lets nobody see. A
    profile that is broken or does not fit is ignored, as browsers do; PNG gamma counts only where there is
    no profile. With `shared` the result may lie in the same memory as `image`, which nobody may use any more.
    """
    profile = image.info.get("icc_profile")
    gamma = None if profile or "srgb" in image.info else image.info.get("gamma")
    plain = _eight_bit(image)
    if profile:
        plain = _through_profile(plain, profile)
    plain = _without_opaque_alpha(plain if plain.mode in ("RGB", "RGBA") else plain.convert("RGB"))
    if plain.mode == "RGBA":
        plain = plain.copy() if plain is image and not shared else plain
        _drop_unseen(plain)
    if gamma and abs(gamma - _DISPLAY_GAMMA) > _GAMMA_TOLERANCE:
        plain = _with_gamma(plain, gamma)
    if plain is image:
        plain = image._new(image.im) if shared else image.copy()
    plain.info = {}
    return plain


def _eight_bit(image: Image.Image) -> Image.Image:
    """RGB, RGBA, L or CMYK: the modes that a profile may speak about."""
    if image.mode.startswith("I;16"):
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("I", "F"):
        return _from_wide_grey(image)
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    if image.mode in ("RGB", "L", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _from_wide_grey(image: Image.Image) -> Image.Image:
    """32 bit grey has no stated range: 0..1, 0..255 or 0..65535, whichever holds the brightest pixel."""
    extrema = image.getextrema()
    brightest = float(max(value for value in extrema if not isinstance(value, tuple)))
    full = 1.0 if image.mode == "F" and brightest <= 1 else 255.0 if brightest <= 255 else 65535.0
    scale = 255 / full
    return image.point(lambda value: value * scale + 0).convert("L")


def _through_profile(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if image.mode in ("RGB", "RGBA") and _is_srgb(source):
            return image
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        transform = ImageCms.buildTransform(source, _SRGB, image.mode, mode)
        return ImageCms.applyTransform(image, transform) or image
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    """Tried on 216 colours: to send every pixel through a profile that changes none takes long, and the name
    of a profile is what its maker likes."""
    probe = Image.new("RGB", (len(_STEPS) ** 2, len(_STEPS)))
    probe.putdata([(red, green, blue) for red in _STEPS for green in _STEPS for blue in _STEPS])
    seen = ImageCms.applyTransform(probe, ImageCms.buildTransform(profile, _SRGB, "RGB", "RGB"))
    return seen is not None and max(ImageChops.difference(probe, seen).tobytes()) <= _SAME


def _without_opaque_alpha(image: Image.Image) -> Image.Image:
    opaque = image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255)
    return image.convert("RGB") if opaque else image


def _drop_unseen(image: Image.Image) -> None:
    """Leave of colours what can be seen of them: none where the picture is clear, few where it is faint.

    Whoever takes alpha away would else see a picture that no ground shows, and that nobody judged. On any
    ground the picture differs by one level of 255 at most, and a second time changes nothing.
    """
    faint = [255 * (alpha < _FAINT) for alpha in range(256)]
    rows = max(1, _STRIP_PIXELS // image.width)
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(top + rows, image.height)))
        mask = strip.getchannel("A").point(faint)
        if mask.getbbox():
            image.paste(strip.convert("RGBa").convert("RGBA"), (0, top), mask)


def _with_gamma(image: Image.Image, gamma: float) -> Image.Image:
    exponent = _DISPLAY_GAMMA / gamma
    curve = [round(255 * (value / 255) ** exponent) for value in range(256)]
    return image.point(curve * 3 + list(range(256)) * (len(image.getbands()) - 3))
