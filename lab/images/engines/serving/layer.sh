above='runtime double'

finish() {
  local role
  for role in server proxy admin; do mkdir -p data/projects/fate-serving/serving-$role/conf; done
}
