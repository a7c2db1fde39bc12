// Times CoreDNS's own parser on Corefiles; prints a JSON object, as tests/benchmarks/reader.py does for remedy's.
//
//	parser parse SECONDS FILE           the seconds of the fastest run, and the peak memory after the first
//	parser growth PAIRS FILE LARGER     how often the time for a file is in that for one ten times as large
package main

import (
	"bytes"
	"encoding/json"
	"log"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/coredns/caddy/caddyfile"
)

func main() {
	runtime.GOMAXPROCS(1) // one core, garbage collector included
	amount, err := strconv.ParseFloat(os.Args[2], 64)
	check(err)
	var texts [][]byte
	for _, path := range os.Args[3:] {
		text, err := os.ReadFile(path)
		check(err)
		texts = append(texts, text)
	}
	answer := map[string]float64{}
	if os.Args[1] == "growth" {
		answer["growth"] = growth(texts[0], texts[1], int(amount))
	} else {
		answer["seconds"], answer["peak_mib"] = fastest(texts[0], amount)
	}
	check(json.NewEncoder(os.Stdout).Encode(answer))
}

func fastest(text []byte, limit float64) (best, peak float64) {
	best, peak = timed(text), peakMiB()
	for began := time.Now(); time.Since(began).Seconds() < limit; {
		best = min(best, timed(text))
	}
	return best, peak
}

func growth(small, large []byte, pairs int) float64 {
	var taken []float64
	for range pairs {
		tenfold := 0.0
		for range 10 {
			tenfold += timed(small)
		}
		taken = append(taken, 10*timed(large)/tenfold)
	}
	slices.Sort(taken)
	return taken[pairs/2]
}

func timed(text []byte) float64 {
	began := time.Now()
	_, err := caddyfile.Parse("Corefile", bytes.NewReader(text), nil)
	check(err)
	return time.Since(began).Seconds()
}

// The process's largest resident size; 0 where there is no /proc.
func peakMiB() float64 {
	status, _ := os.ReadFile("/proc/self/status")
	found := regexp.MustCompile(`VmHWM:\s*(\d+) kB`).FindSubmatch(status)
	if found == nil {
		return 0
	}
	kib, _ := strconv.ParseFloat(string(found[1]), 64)
	return kib / 1024
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
