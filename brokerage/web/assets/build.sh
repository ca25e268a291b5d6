#!/bin/sh
# Build ../static (or the folder named) from app.scss and app.entry.js. Needs `npm ci` once.
set -eu
cd "$(dirname "$0")"
out=${1:-../static}
moj=node_modules/@ministryofjustice/frontend/moj/assets/images
mkdir -p "$out/images"
node_modules/.bin/sass --load-path=. --style=compressed --no-source-map --quiet --no-error-css app.scss "$out/app.css"
node_modules/.bin/esbuild app.entry.js --bundle --minify --format=esm --target=es2020 --legal-comments=none \
  --log-level=warning --outfile="$out/app.js"
cp favicon.svg "$out/favicon.svg"
# Exactly the icons the style sheet names: one it does not name is not shipped, one that is missing stops here.
for icon in $(grep -o '/static/images/[a-z0-9-]*\.svg' "$out/app.css" | sort -u); do
  cp "$moj/$(basename "$icon")" "$out/images/"
done
