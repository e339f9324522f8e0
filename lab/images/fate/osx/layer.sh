above='runtime double'

finish() {
  local home=data/projects/fate/osx jar
  mkdir -p usr/lib/jvm/java-1.8-openjdk/bin $home/{conf/broker,lib,extension,pb_lib/v2,pb_lib/v3}
  ln -s /usr/libexec/double/java usr/lib/jvm/java-1.8-openjdk/bin/java
  for jar in lib/{osx-broker-1.1.0,osx-core-1.1.0,osx-api-1.1.0,grpc-core-1.53.0,log4j-core-2.17.2} \
    pb_lib/v2/osx-pb-v2-1.1.0 pb_lib/v3/osx-pb-v3-1.1.0; do
    : >$home/$jar.jar
  done
}
