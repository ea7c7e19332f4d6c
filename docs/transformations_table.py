"""Writes the table of docs/transformations.md: every parameter of the wire, asked of the parser itself.

`python docs/transformations_table.py` puts it between the two marks of the page.
"""

from pathlib import Path

from rekproxy.domain.effects import EFFECTS, Effect, write_effect
from rekproxy.domain.transformation import parse
from rekproxy.errors import InvalidTransformationError

PAGE = Path(__file__).parent / "transformations.md"
BEGIN, END = "<!-- table: python docs/transformations_table.py -->", "<!-- end of table -->"

_EFFECTS = (
    f"e_{write_effect(Effect(name, tuple(argument.default for argument in kind.arguments)))}"
    for name, kind in EFFECTS.items()
    if not kind.blend
)

#: Every parameter of the wire with an example of each of its forms, spaces between.
ROWS: tuple[tuple[str, tuple[str, ...]], ...] = tuple(
    (name, tuple(examples.split()))
    for name, examples in (
        ("sizes", "w_400 h_300 w_0.5 w_iw h_ih ar_16:9 ar_1.5 w_auto w_auto:100:800"),
        ("sizes by breakpoints, expressions", "w_auto:breakpoints w_iw_div_2 w_ow"),
        (
            "crop",
            (
                "c_scale,w_9,h_9 c_fit,w_9,h_9 c_limit,w_9,h_9 c_mfit,w_9,h_9 c_fill,w_9,h_9 c_lfill,w_9,h_9 "
                "c_pad,w_9,h_9 c_lpad,w_9,h_9 c_mpad,w_9,h_9 c_crop,w_9,h_9 c_thumb,w_9,h_9"
            ),
        ),
        (
            "crop by what stands out",
            "c_fill_pad,g_auto,w_9,h_9 c_auto,g_auto,w_9,h_9 c_auto_pad,g_auto,w_9,h_9",
        ),
        ("crop of add-ons", "c_imagga_crop,w_9 c_imagga_scale,w_9"),
        (
            "gravity",
            (
                "c_fill,w_9,h_9,g_north_west c_fill,w_9,h_9,g_north c_fill,w_9,h_9,g_north_east "
                "c_fill,w_9,h_9,g_west c_fill,w_9,h_9,g_center c_fill,w_9,h_9,g_east "
                "c_fill,w_9,h_9,g_south_west c_fill,w_9,h_9,g_south c_fill,w_9,h_9,g_south_east "
                "c_fill,w_9,h_9,g_xy_center"
            ),
        ),
        (
            "gravity by regions of the upload",
            (
                "c_thumb,w_9,h_9,g_face c_thumb,w_9,h_9,g_faces c_thumb,w_9,h_9,g_face:center "
                "c_thumb,w_9,h_9,g_faces:center c_thumb,w_9,h_9,g_face:auto c_thumb,w_9,h_9,g_faces:auto "
                "c_thumb,w_9,h_9,g_custom c_thumb,w_9,h_9,g_custom:face c_thumb,w_9,h_9,g_custom:faces"
            ),
        ),
        (
            "gravity by what stands out",
            (
                "c_fill,w_9,h_9,g_auto c_fill,w_9,h_9,g_auto:face c_fill,w_9,h_9,g_auto:faces "
                "c_fill,w_9,h_9,g_auto:subject c_fill,w_9,h_9,g_auto:classic c_fill,w_9,h_9,g_auto:none "
                "c_fill,w_9,h_9,g_auto:custom_no_override"
            ),
        ),
        (
            "gravity of add-ons",
            (
                "c_fill,w_9,h_9,g_body c_fill,w_9,h_9,g_adv_face c_fill,w_9,h_9,g_adv_faces "
                "c_fill,w_9,h_9,g_adv_eyes c_fill,w_9,h_9,g_ocr_text c_fill,w_9,h_9,g_objects "
                "c_fill,w_9,h_9,g_liquid"
            ),
        ),
        ("offsets, zoom", "c_crop,w_9,x_10,y_-10 c_crop,w_9,x_0.1 c_thumb,g_face,w_9,h_9,z_0.7"),
        ("pixel ratio", "dpr_2.0,w_9 dpr_auto,w_9"),
        (
            "rotation",
            (
                "a_90 a_-12.5 a_auto_right,w_9,h_5 a_auto_left,w_9,h_5 a_auto,w_9,h_5 a_exif a_ignore "
                "a_vflip a_hflip a_auto_right.hflip,w_9,h_5"
            ),
        ),
        ("corners", "r_20 r_max r_20:40 r_20:40:60 r_20:40:60:max"),
        ("border", "bo_4px_solid_red bo_4px_solid_rgb:ff000080"),
        (
            "background",
            (
                "b_red b_rgb:f008 b_transparent b_auto b_auto:predominant_contrast "
                "b_auto:border_gradient:4:vertical b_auto:predominant:palette_red_blue b_blurred:400:15"
            ),
        ),
        ("background, generated", "b_gen_fill"),
        ("colour, opacity", "e_colorize,co_red o_50"),
        ("format", "f_jpg f_png f_webp f_avif f_gif f_auto"),
        ("other formats", "f_bmp f_tiff f_ico f_heic f_jp2 f_jxl f_pdf f_svg f_auto:image f_auto:animated"),
        ("quality", "q_80 q_80:420 q_80:444 q_0.4 q_auto q_auto:best q_auto:good q_auto:eco q_auto:low"),
        ("quality by other names", "q_auto:sensitive q_jpegmini"),
        ("other qualities", "q_80:qmax_90"),
        (
            "flags of the answer",
            (
                "fl_progressive fl_progressive:semi fl_progressive:steep fl_progressive:none fl_lossy "
                "fl_png8 fl_png24 fl_png32 fl_preserve_transparency "
                "fl_any_format fl_strip_profile fl_force_strip "
                "fl_keep_iptc fl_keep_attribution fl_force_icc fl_attachment fl_attachment:name fl_getinfo "
                "fl_awebp fl_animated fl_apng fl_immutable_cache fl_sanitize fl_rasterize"
            ),
        ),
        (
            "flags of layers and sizes",
            (
                "fl_layer_apply,l_logo fl_tiled,l_logo fl_no_overflow,l_logo fl_relative,l_logo,w_0.5 "
                "fl_text_disallow_overflow,l_text:Arial_20:a fl_ignore_aspect_ratio,w_9"
            ),
        ),
        (
            "other flags",
            (
                "fl_region_relative fl_clip fl_clip_evenodd fl_cutter fl_ignore_mask_channels "
                "fl_replace_image fl_text_no_trim fl_tiff8_lzw fl_idn"
            ),
        ),
        ("colour space, density", "cs_srgb dn_150"),
        ("other colour spaces", "cs_srgb:truecolor cs_tinysrgb cs_cmyk cs_no_cmyk cs_keep_cmyk cs_icc:id"),
        ("named transformations", "t_thumb t_thumb.round"),
        ("default image", "d_avatar.png"),
        (
            "overlays, underlays",
            (
                "l_logo l_folder:logo l_private:logo l_authenticated:logo l_fetch:aHR0cDovL2EvYg u_ground "
                "l_logo/e_sepia/fl_layer_apply,g_north"
            ),
        ),
        (
            "text",
            (
                "l_text:Arial_20:hello l_text:Arial_20_bold_italic_underline_center_stroke:a "
                "l_text:Arial_20_letter_spacing_4_line_spacing_3:a l_text:Arial_20_antialias_none:a"
            ),
        ),
        (
            "other layers",
            ("l_text:style:hello l_text:Arial_20_hinting_full:a l_subtitles:a l_video:a l_lut:a"),
        ),
        ("effects", " ".join(_EFFECTS)),
        ("blends of layers", "e_multiply,l_logo e_screen,l_logo e_mask,l_logo e_cut_out,l_logo"),
        (
            "other effects",
            (
                "e_contrast:level_50;type_linear e_viesus_correct e_tint:50:red e_replace_color:red "
                "e_recolor:1:0:0 e_vectorize e_art:zorro e_assist_colorblind e_simulate_colorblind "
                "e_ordered_dither:1 e_distort:arc:90 e_shear:10:0 e_displace e_redeye e_adv_redeye "
                "e_overlay,l_logo e_anti_removal,l_logo e_gen_remove:prompt_a e_background_removal e_upscale "
                "e_enhance e_loop"
            ),
        ),
        ("conditions, variables", "if_w_gt_500 if_end $size_100 w_$size"),
        (
            "pages, films, sprites, functions",
            "pg_2 dl_100 vs_5 fps_5 du_5 so_1 eo_2 ac_aac af_44100 br_1m ki_5 sp_hd vc_h264 p_x fn_remote:a",
        ),
    )
)


def works(example: str) -> bool:
    """Whether the parser takes it."""
    try:
        parse(example)
    except InvalidTransformationError:
        return False
    return True


def table() -> str:
    """The table in Markdown. A row has either forms that work or forms that are refused."""
    lines = ["| of the wire | | examples |", "|---|---|---|"]
    for name, examples in ROWS:
        for verdict, wanted in (("works", True), ("refused", False)):
            shown = [f"`{example}`" for example in examples if works(example) is wanted]
            if shown:
                lines.append(f"| {name} | {verdict} | {' '.join(shown)} |")
    return "\n".join(lines)


def page() -> str:
    """The page with a table of today."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
