. "$here/fate/fateboard/image.sh"
tag=federatedai/fateboard:2.0.0-release
layers="$layers fateboard-2.0"
config=$(printf '%s' "$config" | sed 's/fate_board/fateboard/g;s/fateboard-2\.1\.0/fateboard-2.0.0/')
