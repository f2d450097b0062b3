// Noto Sans KR, split by Unicode range: loaded after the first paint, so that its many font faces do not delay it.

import "@fontsource-variable/noto-sans-kr/wght.css";
