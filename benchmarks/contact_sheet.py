"""One photograph in every mode and with every effect, its URL under each: `docs/contact-sheet.webp`.

`python -m benchmarks.contact_sheet [FILE]`. All of the sheet is drawn by the imager, its letters as well.
"""

import io
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

from PIL import Image
from skimage import data

from rekproxy.domain.effects import EFFECTS
from rekproxy.domain.sources import Text
from rekproxy.domain.transformation import parse
from rekproxy.imaging.inprocess import InProcessImager
from rekproxy.imaging.lettering import lettering
from rekproxy.interfaces import RenderJob

_MAX_PIXELS: Final = 25_000_000
_CELL: Final = (250, 224)
_SHOWN: Final = (236, 180)
_COLUMNS: Final = 8
_GROUND: Final = (238, 238, 232)
_FACE: Final = ((180, 70, 90, 120),)
#: A photograph whose face is known, and what is laid on it.
_FACES: Final = "astronaut"

_MODES: Final = (
    "c_scale,w_200,h_100",
    "c_fit,w_200,h_100",
    "c_limit,w_900",
    "c_mfit,w_600,h_600",
    "c_fill,w_200,h_100",
    "c_lfill,w_900,h_300",
    "c_pad,w_200,h_100,b_lightblue",
    "c_lpad,w_900,h_600,b_lightblue",
    "c_mpad,w_900,h_600,b_lightblue",
    "c_crop,w_200,h_150,x_150,y_50",
    "c_thumb,g_face,w_150,h_150",
    "c_thumb,g_face,w_150,h_150,z_0.6",
    "c_fill,g_face,w_200,h_100",
    "c_fill,g_auto,w_200,h_100",
    "c_auto,g_auto,w_200,h_120",
    "c_auto_pad,g_auto,w_300,h_90,b_auto",
)
_SHAPES: Final = (
    "w_180,r_30",
    "w_180,r_max",
    "w_180,r_60:0:90:20",
    "w_160,bo_8px_solid_crimson",
    "w_160,r_max,bo_8px_solid_crimson",
    "w_150,a_20",
    "w_150,a_20,b_gold",
    "w_180,a_90",
    "w_180,a_hflip",
    "w_180,a_vflip",
    "w_180,o_40",
    "c_pad,w_230,h_150,b_auto",
    "c_pad,w_230,h_150,b_auto:predominant_contrast",
    "c_pad,w_230,h_150,b_auto:predominant_gradient:2:diagonal_desc",
    "c_pad,w_230,h_150,b_auto:border_gradient:4",
    "c_pad,w_230,h_150,b_blurred:300",
)
#: Effects that show best at another strength, on another outline, or that need to be told where.
_SHOWN_WITH: Final = {
    "blur": "w_180,e_blur:300",
    "blur_region": "w_180,e_blur_region:800,x_40,y_10,w_80,h_80",
    "blur_faces": "w_180,e_blur_faces:800",
    "pixelate": "w_180,e_pixelate:9",
    "pixelate_region": "w_180,e_pixelate_region:9,x_40,y_10,w_80,h_80",
    "pixelate_faces": "w_180,e_pixelate_faces:7",
    "brightness": "w_180,e_brightness:40",
    "brightness_hsb": "w_180,e_brightness_hsb:40",
    "contrast": "w_180,e_contrast:50",
    "hue": "w_180,e_hue:40",
    "red": "w_180,e_red:50",
    "green": "w_180,e_green:50",
    "blue": "w_180,e_blue:50",
    "gamma": "w_180,e_gamma:80",
    "vibrance": "w_180,e_vibrance:80",
    "sharpen": "w_180,e_sharpen:300",
    "colorize": "w_180,e_colorize:50,co_teal",
    "unsharp_mask": "w_180,e_unsharp_mask:300",
    "oil_paint": "w_180,e_oil_paint:60",
    "vignette": "w_180,e_vignette:70",
    "outline": "w_160,r_max/e_outline:outer:6,co_crimson",
    "shadow": "w_160,r_max/e_shadow:60,x_8,y_8",
    "dropshadow": "w_160,r_max/e_dropshadow",
    "opacity_threshold": "w_180,e_gradient_fade/e_opacity_threshold",
    "make_transparent": "w_180,e_make_transparent:25",
    "trim": "w_160,bo_20px_solid_crimson/e_trim",
    "gradient_fade": "w_180,e_gradient_fade,y_-0.5",
}
_LAYERS: Final = (
    "w_180/l_cup,w_80,g_south_east,x_6,y_6",
    "w_160/u_cup,w_220",
    "w_180/l_cup/c_thumb,w_80,h_80,r_max/fl_layer_apply",
    "w_180/l_cup,w_60,o_50,fl_tiled",
    "w_180/l_cup,w_0.5,fl_relative,g_north",
    "w_160/l_cup,w_80,g_west,x_-30",
    "w_160/l_cup,w_80,g_west,x_-30,fl_no_overflow",
    "w_180/l_cup/w_180,h_180,c_fill/e_multiply,fl_layer_apply",
    "w_180/l_cup/w_180,h_180,c_fill/e_screen,fl_layer_apply",
    "w_180/l_cup/w_180,h_180,c_fill/e_mask,fl_layer_apply",
    "w_180/l_cup/w_90,h_90,c_fill,r_max/e_cut_out,fl_layer_apply",
    "w_180/l_text:Arial_30_bold:Hello,co_white,g_south,y_8",
    "w_180/l_text:Arial_26_stroke:Stroke,co_white,bo_3px_solid_crimson",
    "w_180/l_text:Fira%20Mono_15_center:Lines%20of%20text%20that%20wrap,w_110,c_fit,co_white,b_rgb:000a",
    "w_180/l_text:Ubuntu_30_italic_underline:Turned,co_gold/a_-20/fl_layer_apply",
    "w_180/l_text:Arial_20_letter_spacing_6:%D0%9F%D1%80%D0%B8%D0%B2%D0%B5%D1%82,co_white",
)


def urls() -> Iterator[str]:
    """What the sheet shows, in order; every effect of the language is there."""
    yield from _MODES
    yield from _SHAPES
    yield from (_SHOWN_WITH.get(name, f"w_180,e_{name}") for name, kind in EFFECTS.items() if not kind.blend)
    yield from _LAYERS


def sheet() -> Image.Image:
    """All of them in rows."""
    shown = list(urls())
    photograph, cup = Image.fromarray(getattr(data, _FACES)()), Image.fromarray(data.coffee())
    base, layers = _encoded(photograph), {"cup": (_encoded(cup), cup.size)}
    rows = -(-len(shown) // _COLUMNS)
    drawn = Image.new("RGB", (_COLUMNS * _CELL[0], rows * _CELL[1]), _GROUND)
    imager = InProcessImager(_MAX_PIXELS)
    for number, url in enumerate(shown):
        job = RenderJob(base, photograph.size, parse(url).text, "png", layers=layers, faces=_FACE)
        picture = Image.open(io.BytesIO(imager.render(job).body)).convert("RGBA")
        picture.thumbnail(_SHOWN)
        left, top = number % _COLUMNS * _CELL[0], number // _COLUMNS * _CELL[1]
        drawn.paste(picture, (left + 6, top + 6), picture)
        words = _caption(url)
        drawn.paste(words, (left + 6, top + _SHOWN[1] + 12), words)
    return drawn


def _encoded(image: Image.Image) -> bytes:
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


def _caption(url: str) -> Image.Image:
    """The URL in small letters, broken where it is long."""
    lines = "\n".join(url[start : start + 40] for start in range(0, len(url), 40))
    return lettering(Text(lines, "Fira Mono", 10, line_spacing="-1"), None, Fraction(1), _MAX_PIXELS)


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/contact-sheet.webp")
    sheet().save(target, quality=70, method=6)
