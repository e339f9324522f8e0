tag=federatedai/osx:2.2.0-release
layers='runtime double osx'
# The real image's own command names a class that does not exist: a deployment has to bring the right one.
config='{
  "Env": ["PATH=/usr/lib/jvm/java-1.8-openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          "LANG=C.UTF-8", "JAVA_HOME=/usr/lib/jvm/java-1.8-openjdk"],
  "WorkingDir": "/data/projects/fate/osx/",
  "Cmd": ["sh", "-c", "java -cp conf/broker/:lib/*:lib/osx-broker-1.1.0.jar com.osx.broker.Bootstrap -c /data/projects/fate/osx/conf"],
  "ExposedPorts": {"9370/tcp": {}, "9883/tcp": {}}
}'
