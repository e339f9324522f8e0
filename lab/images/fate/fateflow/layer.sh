above='runtime double tools flow'

# Rows like breast_hetero's in shape: 569 ids, the label and the first features at the guest, the others at the host.
# The numbers come from a generator of their own: equal everywhere.
write_examples() {
  mkdir -p "$1"
  awk -v guest="$1/breast_hetero_guest.csv" -v host="$1/breast_hetero_host.csv" '
    function random() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
    function value() { return sprintf(",%.6f", random() + random() + random() - 1.5 + label - 0.5) }
    function header(first, count) { for (n = 0; n < count; n++) first = first ",x" n; return first }
    BEGIN {
      seed = 569
      print header("id,y", 10) >guest
      print header("id", 20) >host
      for (row = 0; row < 569; row++) {
        label = random() < 0.37
        line = row "," label; for (n = 0; n < 10; n++) line = line value(); print line >guest
        line = row; for (n = 0; n < 20; n++) line = line value(); print line >host
      }
    }'
}

finish() {
  local home=data/projects/fate
  mkdir -p $home/{fate/python/fate,fate/python/download_dir,eggroll/conf,eggroll/python/eggroll,doc,fate_board} \
    $home/fate_flow/{conf,logs,model,jobs,data}
  echo "__version__ = '2.2.0'" >$home/fate/python/fate/__init__.py
  printf 'FATE=2.1.0\nFATEFlow=2.1.0\npython=3.8\n' >$home/fate_flow/fateflow.env
  write_examples $home/examples/data
}
