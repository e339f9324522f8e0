# What several doubles share: the messages between them, Java's properties, a `java` that starts doubles.
above='runtime'

finish() {
  mkdir -p usr/libexec/double/lib/python3.11/double
  printf '#!/bin/busybox sh\nexec /usr/libexec/double/bin/python3 -I -m double.java "$@"\n' >usr/libexec/double/java
  chmod 755 usr/libexec/double/java
  : >usr/libexec/double/lib/python3.11/double/__init__.py
}
