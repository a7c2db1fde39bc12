module remedy/parser

go 1.26

require github.com/coredns/caddy v1.1.4
