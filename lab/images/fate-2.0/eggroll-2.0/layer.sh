# Eggroll of KubeFATE's 2.0 line.
above='runtime double tools eggroll'

finish() {
  mkdir -p data/projects/fate/fate/python/fate
  echo "__version__ = '2.0.0'" >data/projects/fate/fate/python/fate/__init__.py
}
