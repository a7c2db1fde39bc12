// lookup NAME [unspec|inet|inet6]: one line with what Go's own resolver makes of a name, in the form of ../../testbed/musl/getaddrinfo.c.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

func main() {
	network := map[string]string{"unspec": "ip", "inet": "ip4", "inet6": "ip6"}[os.Args[2]]
	before := time.Now()
	found, err := net.DefaultResolver.LookupNetIP(context.Background(), network, os.Args[1])
	ms := time.Since(before).Milliseconds()
	code, text := "0", ""
	var failure *net.DNSError
	if errors.As(err, &failure) {
		text = failure.Err
		switch {
		case failure.IsNotFound:
			code = "not-found"
		case failure.Temporary():
			code = "temporary"
		default:
			code = "other"
		}
	} else if err != nil {
		code, text = "unexpected", err.Error()
	}
	addresses := make([]string, len(found))
	for at, address := range found {
		addresses[at] = address.String()
	}
	fmt.Printf("code=%s text=%q ms=%d addresses=%s\n", code, text, ms, strings.Join(addresses, ","))
}
