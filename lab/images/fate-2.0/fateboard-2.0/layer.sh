# FATE-Board of KubeFATE's 2.0 line: another folder and jar; its own command starts it.
above='runtime double fateboard'

finish() {
  local home=data/projects/fate/fateboard
  mkdir -p $home/{conf,lib,ssh}
  : >$home/fateboard-2.0.0.jar
  : >$home/lib/spring-boot-2.7.18.jar
  : >data/projects/fate/.wh.fate_board
}
