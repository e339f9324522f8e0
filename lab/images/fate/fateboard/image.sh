tag=federatedai/fateboard:2.1.1-release
layers='runtime double fateboard'
config='{
  "Env": ["PATH=/usr/lib/jvm/java-1.8-openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          "LANG=C.UTF-8", "JAVA_HOME=/usr/lib/jvm/java-1.8-openjdk"],
  "WorkingDir": "/data/projects/fate/fate_board/",
  "Cmd": ["sh", "-c", "java -Dspring.config.location=/data/projects/fate/fate_board/conf/application.properties -Dssh_config_file=/data/projects/fate/fate_board/ssh/ -Xmx2048m -Xms2048m -cp /data/projects/fate/fate_board/lib/*:/data/projects/fate/fate_board/fateboard-2.1.0.jar org.fedai.fate.board.bootstrap.Bootstrap"],
  "ExposedPorts": {"8080/tcp": {}}
}'
