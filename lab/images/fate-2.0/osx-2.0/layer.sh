# OSX of KubeFATE's 2.0 line: another jar, and protocol classes that are no jars of their own yet.
above='runtime double osx'

finish() {
  local home=data/projects/fate/osx
  mkdir -p $home/lib
  : >$home/lib/osx-broker-1.0.0.jar
  # Names that say what of the layers below is gone.
  : >$home/lib/.wh.osx-broker-1.1.0.jar
  : >$home/.wh.pb_lib
}
