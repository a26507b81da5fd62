package compiler

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel gives what do makes of each item, in the order of the items. A panic
// of one comes to the caller, as it would without goroutines.
func parallel[T, R any](items []T, do func(T) R) []R {
	out := make([]R, len(items))
	var next atomic.Int64
	var panicked any
	var once sync.Once
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(items)) {
		workers.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					once.Do(func() { panicked = r })
				}
			}()
			for i := next.Add(1) - 1; i < int64(len(items)); i = next.Add(1) - 1 {
				out[i] = do(items[i])
			}
		})
	}
	workers.Wait()
	if panicked != nil {
		panic(panicked)
	}
	return out
}
