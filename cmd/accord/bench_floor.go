package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// floor is what the machine itself can do.
type floor struct {
	verify float64 // ES256 verifications a second on all cores
	sync   float64 // median of append and fdatasync, ms
}

// floorTime is how long each part of the floor is measured.
const floorTime = 3 * time.Second

func measureFloor() (floor, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return floor{}, fmt.Errorf("make key: %w", err)
	}
	digest := sha256.Sum256([]byte("floor"))
	sig, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		return floor{}, fmt.Errorf("sign: %w", err)
	}
	var n atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for range runtime.GOMAXPROCS(0) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for time.Since(start) < floorTime {
				if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], sig) {
					return
				}
				n.Add(1)
			}
		}()
	}
	wg.Wait()
	f := floor{verify: float64(n.Load()) / time.Since(start).Seconds()}
	f.sync, err = measureSync()
	return f, err
}

func measureSync() (float64, error) {
	dir, err := benchDir()
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	file, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return 0, fmt.Errorf("measure disk: %w", err)
	}
	defer file.Close()
	block := make([]byte, 6<<10)
	var times []float64
	for start := time.Now(); time.Since(start) < floorTime/2; {
		t := time.Now()
		if _, err := file.Write(block); err != nil {
			return 0, fmt.Errorf("measure disk: %w", err)
		}
		if err := unix.Fdatasync(int(file.Fd())); err != nil {
			return 0, fmt.Errorf("measure disk: %w", err)
		}
		times = append(times, milliseconds(time.Since(t)))
	}
	return percentile(times, 0.5), nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// percentile sorts and returns the value below which a share p lies.
func percentile(values []float64, p float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[min(int(p*float64(len(values))), len(values)-1)]
}
