/// How the page looks: one type scale, light and dark, on a telephone, a screen and paper.
let styleSheet = """
  :root { color-scheme: light dark;
    --page: #fbfbfa; --card: #ffffff; --ink: #1d2125; --soft: #5d666f; --faint: #e4e6e8;
    --accent: #1f6feb; --heat: #0b57a4; --on: #ffffff; --warn: #9a5b00; --warnground: #fff6e0;
    --good: #1a7f4b; }
  @media (prefers-color-scheme: dark) { :root {
    --page: #121518; --card: #1a1e22; --ink: #e6e9ec; --soft: #9aa4ae; --faint: #2e343a;
    --accent: #6ea8fe; --heat: #7db7ff; --on: #0d1622; --warn: #f0b660; --warnground: #2c2413;
    --good: #5bc98b; } }
  * { box-sizing: border-box; }
  html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
  body { margin: 0; background: var(--page); color: var(--ink);
    font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
  main, header.top { max-width: 1240px; margin: 0 auto; padding: 0 24px; }
  header.top { padding-top: 32px; }
  h1 { font-size: 27px; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere; }
  h2 { font-size: 20px; line-height: 1.3; margin: 48px 0 4px; padding-top: 16px;
    border-top: 1px solid var(--faint); }
  h3 { font-size: 15px; margin: 24px 0 8px; }
  p { margin: 0 0 12px; max-width: 76ch; }
  p.soft, .soft { color: var(--soft); }
  nav { margin: 16px 0 0; display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 13px; }
  a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
  .badge { display: inline-block; padding: 2px 10px; border-radius: 10px; font-size: 13px;
    border: 1px solid var(--faint); background: var(--card); margin: 8px 8px 0 0; }
  .badge.warn { color: var(--warn); background: var(--warnground); border-color: currentColor; }
  .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px;
    margin: 20px 0 0; }
  .tile { background: var(--card); border: 1px solid var(--faint); border-radius: 8px;
    padding: 12px 16px; }
  .tile b { display: block; font-size: 27px; line-height: 1.2; font-weight: 600;
    font-variant-numeric: tabular-nums; }
  .tile span { font-size: 13px; color: var(--soft); }
  dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px;
    margin: 20px 0 0; }
  dl.facts dt { color: var(--soft); } dl.facts dd { margin: 0; overflow-wrap: anywhere; }
  .scroll { overflow-x: auto; max-width: 100%; }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums;
    min-width: min(100%, 560px); }
  th, td { padding: 5px 12px 5px 0; text-align: left; vertical-align: top;
    border-bottom: 1px solid var(--faint); }
  th { font-weight: 500; color: var(--soft); font-size: 13px; white-space: nowrap; }
  tbody th { color: var(--ink); font-size: 15px; }
  .n { text-align: right; white-space: nowrap; }
  tbody th { position: sticky; left: 0; background: var(--page); }
  .figures { font-size: 13px; color: var(--soft); min-width: 260px; }
  .nowrap { white-space: nowrap; }
  tr.mean th, tr.mean td { border-top: 2px solid var(--ink); font-weight: 600; }
  .bar { display: block; height: 4px; border-radius: 2px; margin: 3px 0 2px auto; width: 72px;
    background: var(--faint); overflow: hidden; }
  .bar i { display: block; height: 100%; background: var(--accent); }
  .chip { display: inline-block; white-space: nowrap; margin-right: 12px; }
  .chip i { display: inline-block; width: 11px; height: 11px; border-radius: 3px;
    margin-right: 6px; vertical-align: -1px; background: var(--faint); }
  .chip i.unknown { border: 1px solid var(--soft); background: repeating-linear-gradient(135deg,
    #fff 0 2px, #8a9097 2px 5px); }
  .legend { margin: 8px 0; font-size: 13px; max-width: none; }
  ul.warnings { list-style: none; padding: 0; margin: 12px 0; }
  ul.warnings li { background: var(--warnground); border-left: 3px solid var(--warn);
    padding: 6px 12px; margin-bottom: 6px; overflow-wrap: anywhere; }
  .good { color: var(--good); } .warn { color: var(--warn); }
  .charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(260px, 1fr));
    gap: 16px; }
  figure { margin: 0; min-width: 0; break-inside: avoid; }
  figcaption { font-size: 13px; color: var(--soft); line-height: 1.35; margin-top: 3px;
    overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
  .charts figcaption { color: var(--ink); margin: 0 0 2px; display: flex; gap: 8px;
    justify-content: space-between; }
  svg { display: block; } svg text { fill: var(--soft); font-variant-numeric: tabular-nums; }
  svg.chart { width: 100%; height: auto; font-size: 11px; }
  .grid { stroke: var(--faint); } .line { fill: none; stroke: var(--accent); stroke-width: 1.8; }
  .raw { fill: none; stroke: var(--accent); stroke-width: .8; opacity: .35; }
  .band { fill: var(--accent); opacity: .18; }
  svg.heat rect { fill: var(--heat); stroke: var(--faint); stroke-width: 1; }
  svg.heat text.on { fill: var(--on); } svg.heat text.off { fill: var(--ink); }
  .shots { display: grid; gap: 12px; margin-bottom: 8px;
    grid-template-columns: repeat(7, minmax(0, 1fr)); }
  .shots.three { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 8px; }
  .pairs { display: grid; gap: 0 28px;
    grid-template-columns: repeat(auto-fill, minmax(min(420px, 100%), 1fr)); }
  .shots img { width: 100%; height: auto; display: block; border-radius: 4px; }
  .name { margin: 20px 0 6px; font-size: 13px; } .name b { margin-right: 12px; font-weight: 600;
    font-size: 15px; overflow-wrap: anywhere; }
  .regions { display: grid; gap: 20px 28px;
    grid-template-columns: repeat(auto-fill, minmax(min(340px, 100%), 1fr)); }
  .patches { display: grid; grid-template-columns: repeat(6, 1fr); gap: 3px; }
  .patches img { width: 100%; height: auto; display: block; border-radius: 3px; }
  .maps { display: flex; flex-wrap: wrap; gap: 0 48px; } .maps > div { min-width: 0; }
  details { margin: 16px 0; } summary { cursor: pointer; color: var(--accent); }
  pre { font: 12px/1.45 ui-monospace, "DejaVu Sans Mono", monospace; overflow-x: auto;
    background: var(--card); border: 1px solid var(--faint); border-radius: 8px; padding: 12px; }
  footer { max-width: 1240px; margin: 48px auto 0; padding: 16px 24px 40px; font-size: 13px;
    color: var(--soft); }
  .broken { color: var(--warn); }
  @media (max-width: 900px) { .shots { grid-template-columns: repeat(4, minmax(0, 1fr)); } }
  @media (max-width: 560px) {
    main, header.top, footer { padding-left: 14px; padding-right: 14px; }
    dl.facts { grid-template-columns: 1fr; gap: 0; } dl.facts dd { margin-bottom: 8px; }
    .shots { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 8px; }
    h1 { font-size: 23px; } .tile b { font-size: 23px; }
    .tiles { grid-template-columns: 1fr 1fr; } }
  @media print { :root { --page: #fff; }
    * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    nav, details { display: none; } body { font-size: 11px; }
    .scroll { overflow: visible; } }

  """
