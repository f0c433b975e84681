# Turns numbered .sql files into C string literals, one a file, with a comma behind each.
FNR == 1 && NR > 1 { print "," }
{
	gsub(/\\/, "\\\\")
	gsub(/"/, "\\\"")
	print "\"" $0 "\\n\""
}
END { print "," }
