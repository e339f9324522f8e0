#!/bin/sh
cat <<'JSON'
{"dyn": {"hosts": ["d1", "d2"], "vars": {"dv": 1}, "children": ["web"]}, "bare": ["d3"], "single": {"sv": 2},
 "_meta": {"hostvars": {"d1": {"hv": [1, 2]}}}}
JSON
