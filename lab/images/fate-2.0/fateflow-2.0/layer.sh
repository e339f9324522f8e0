# FATE-Flow of KubeFATE's 2.0 line: the same server, another version of what it carries.
above='runtime double tools flow fateflow'

finish() {
  local home=data/projects/fate
  mkdir -p $home/fate/python/fate $home/fate_flow
  echo "__version__ = '2.0.0'" >$home/fate/python/fate/__init__.py
  printf 'FATE=2.0.0\nFATEFlow=2.0.0\npython=3.8\n' >$home/fate_flow/fateflow.env
}
