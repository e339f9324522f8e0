above='runtime double tools'

finish() {
  mkdir -p pulsar/data
}
