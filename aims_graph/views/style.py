"""The style sheet that pages with pictures share; no script, nothing loaded."""

STYLE = """
:root{color-scheme:light}
body{font:16px/1.5 system-ui,"DejaVu Sans",sans-serif;margin:1.5rem;color:#1a2733;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}a{color:#0b4fa8}
.scroll{overflow:auto;border:1px solid #8b96a1;background:#fff;max-width:100%}
.scroll:focus-visible{outline:3px solid #0b4fa8}
.picture svg{display:block}p{max-width:60rem}
.picture a:focus rect,.picture a:hover rect{stroke-width:3}
table{border-collapse:collapse}
th,td{border:1px solid #b7c0c8;padding:.35rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
table.wide{width:100%}thead th{background:#eef1f5}
tr:target,ul:target{outline:3px solid #0b4fa8}
td.met{background:#e7f5ea}td.not-met{background:#fde8e6;font-weight:600}
td.unknown{background:#fdf6dc}td.excluded{background:#e9ecf0}
ul{margin:0;padding-left:1.1rem}.iri{font-size:.8rem;font-weight:400;color:#3d4852}
details{margin:.4rem 0}summary{cursor:pointer}
.matrix td{text-align:center;white-space:nowrap}
.matrix tbody th{font-weight:400;min-width:18rem}
@media print{body{margin:0;max-width:none}.scroll{border:0;overflow:visible}.picture svg{width:100%;height:auto}}
"""


def page(title: str, body: str) -> str:
    """A whole HTML document; ``title`` is escaped already, ``body`` is markup."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{title}</h1>{body}</main></body></html>\n"
    )
