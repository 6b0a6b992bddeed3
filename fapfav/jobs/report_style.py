"""How a page of duplicates looks: one style sheet for phones, desks, walls and paper.

Colours and sizes are those of the viewer. Dark or light is the system's word, and nothing is said
by colour alone.
"""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light dark;
  --bg: #fbfbfc; --surface: #fff; --raised: #eef0f4; --text: #1a1d23; --muted: #545c69;
  --line: #7a8290; --hair: #d9dde4; --link: #0b57b7; --on-link: #fff; --focus: #8a4b00;
  --banner: #ffe27a; --on-banner: #3d2e00; --better: #005ea8; --worse: #9a4300; --bar: #2f8f46;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --bg: #14161a; --surface: #1d2026; --raised: #272b33; --text: #eceef2; --muted: #a9b0bc;
    --line: #868e9c; --hair: #353a44; --link: #8cb8ff; --on-link: #14161a; --focus: #ffd24a;
    --banner: #ffd95a; --on-banner: #14161a; --better: #7cc7ff; --worse: #ffb066; --bar: #4cc06a;
  }
}
*, ::before, ::after { box-sizing: border-box; }
html {
  background: var(--bg); color: var(--text); font: 100%/1.5 system-ui, sans-serif;
  font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%; text-size-adjust: 100%;
}
body { margin: 0; padding: 1rem clamp(.75rem, 2vw, 2rem) 2rem; }
h1, h2, h3, p, ul, ol, dl { margin: 0 0 .5rem; }
h1, h2, h3 { font-weight: 600; line-height: 1.25; }
h1 { font-size: 1.44rem; } h2 { font-size: 1.2rem; } h3 { font-size: 1rem; }
header { margin-block-end: 1rem; }
header p { max-width: 70ch; }
ul, ol { list-style: none; padding: 0; }
code { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .92em; }
code, bdi { overflow-wrap: anywhere; }
small { font-size: .8125rem; }
.muted { color: var(--muted); }
.hidden {
  clip-path: inset(50%); height: 1px; overflow: hidden; position: absolute; white-space: nowrap;
  width: 1px;
}
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
header .note {
  background: var(--banner); border-radius: 4px; color: var(--on-banner); max-width: none;
  padding: .5rem 1rem;
}
summary { cursor: pointer; line-height: 1.75rem; width: fit-content; }
.badge {
  background: var(--raised); border: 1px solid transparent; border-radius: 99px;
  display: inline-block; font-size: .8125rem; font-weight: 600; line-height: 1.3; padding: 0 .5em;
}
.badge.act { background: var(--link); color: var(--on-link); }
.badge.keep { border-color: var(--better); color: var(--better); }
.badge.skip { border-color: var(--worse); color: var(--worse); }
.badge.advice { border-color: currentcolor; border-style: dashed; }

main {
  display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(min(30rem, 100%), 1fr));
}
.set {
  background: var(--surface); border: 1px solid var(--hair); border-radius: 8px;
  contain-intrinsic-size: auto 36rem; content-visibility: auto; min-width: 0; padding: 1rem;
}
.set.many { grid-column: 1 / -1; }
.pictures {
  display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(13rem, 100%), 1fr));
  margin-block: .75rem;
}
figure { margin: 0; min-width: 0; }
.exact .pictures { grid-template-columns: minmax(0, 1fr); }
.exact figure { display: grid; gap: 1rem; grid-template-columns: repeat(2, minmax(0, 1fr)); }
.exact figcaption { margin: 0; }
.frame {
  align-content: center; background: var(--raised); border: 1px solid var(--hair);
  border-radius: 4px; height: 14rem; overflow: hidden; text-align: center;
}
.frame img { display: block; height: 100%; object-fit: contain; width: 100%; }
.frame p { color: var(--muted); font-size: .875rem; margin: auto; padding: 1rem; }
figcaption { font-size: .875rem; margin-block-start: .5rem; }
figcaption h3 { align-items: center; display: flex; flex-wrap: wrap; gap: .25rem .5rem; }
details dl { font-size: .875rem; }
.moving img { height: auto; max-width: 100%; }
.chips { display: flex; flex-wrap: wrap; gap: .25rem .5rem; }
.chips li {
  border: 1px solid var(--hair); border-radius: 4px; font-size: .8125rem; padding: 0 .4em;
}
.better, .chips .better { border-color: currentcolor; color: var(--better); }
.chips .worse, .chips .warning, .gone { border-color: currentcolor; color: var(--worse); }
dl { column-gap: .75rem; display: grid; grid-template-columns: max-content minmax(0, 1fr); }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
.places li { margin-block-end: .25rem; overflow-wrap: anywhere; }
.table-scroll { margin-block: .5rem; overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; line-height: 1.3; }
caption { color: var(--muted); padding-block-end: .5rem; text-align: start; }
th, td {
  border-block-end: 1px solid var(--hair); padding: .35rem .6rem; text-align: start;
  vertical-align: baseline;
}
thead th { border-block-end-color: var(--line); color: var(--muted); font-size: .8125rem; }
th { font-weight: 600; }
.num { text-align: end; white-space: nowrap; }
.bar { background: var(--raised); border-radius: 2px; height: .7rem; width: 5rem; }
.bar rect { fill: var(--bar); }
@media (max-width: 40rem) {
  .set { padding: .75rem; }
  .pictures {
    gap: .75rem .5rem;
    grid-template-columns: repeat(auto-fill, minmax(min(8rem, 100%), 1fr));
  }
  .frame { height: 10rem; }
  .pictures dl { display: block; }
  .pictures dt { clear: left; float: left; margin-inline-end: .5em; }
  .exact figure { grid-template-columns: minmax(0, 1fr); }
  .bar { display: none; }
  .num { white-space: normal; }
  th, td { padding: .35rem; }
}
@media (min-width: 150rem) { html { font-size: 112.5%; } }
@media (min-width: 200rem) { html { font-size: 150%; } }
@media (forced-colors: active) { .badge, .set, .note { border: 1px solid CanvasText; } }
@media print {
  :root { --bg: #fff; color-scheme: light; }
  body { padding: 0; }
  main { display: block; }
  .set { border-inline: 0; content-visibility: visible; margin-block-end: 1rem; padding-inline: 0; }
  .frame { height: 10rem; }
  .set:not(.exact) .pictures { grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); }
  figure, tr, .sentence { break-inside: avoid; }
  h2 { break-after: avoid; }
  .moving { display: none; }
}
"""
