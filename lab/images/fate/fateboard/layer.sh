above='runtime double'

finish() {
  local home=data/projects/fate/fate_board
  mkdir -p usr/lib/jvm/java-1.8-openjdk/bin $home/{conf,lib,ssh}
  ln -s /usr/libexec/double/java usr/lib/jvm/java-1.8-openjdk/bin/java
  : >$home/fateboard-2.1.0.jar
  : >$home/lib/spring-boot-2.7.18.jar
  : >$home/lib/log4j-core-2.17.2.jar
  : >$home/ssh/ssh.properties
  printf '%s\n' server.port=8080 fateflow.url=http://localhost:9380 server.board.login.username=admin \
    server.board.login.password=admin >$home/conf/application.properties
}
