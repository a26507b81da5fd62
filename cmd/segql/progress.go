package main

import (
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/clipperhouse/displaywidth"
)

// progress shows on a terminal what is being done, in one line that goes away.
// Work of less than a second shows nothing.
type progress struct {
	app  *app
	done chan struct{}
	gone sync.WaitGroup
	once sync.Once

	mu   sync.Mutex
	text string
	end  time.Time // when the work is expected to be done; zero: nobody knows
}

func (a *app) startProgress() *progress {
	p := &progress{app: a, done: make(chan struct{})}
	if isTerminal(a.err) {
		p.gone.Add(1)
		go p.loop(time.Now())
	}
	return p
}

// update says what is being done; it fits runtime.RunOptions.Progress.
func (p *progress) update(doing string, done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text = doing
	if total > 1 {
		p.text = fmt.Sprintf("%s (%d of %d)", doing, done+1, total)
	}
}

// expect says how long the work, of which this is the beginning, took before;
// it fits runtime.RunOptions.Before.
func (p *progress) expect(took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if took >= worthTelling {
		p.end = time.Now().Add(took)
	}
}

// worthTelling is how long work takes of which one wants to know the end.
const worthTelling = 5 * time.Second

// progressLine is what stands on the terminal. The end may be cut off where
// that is narrow.
func progressLine(spent time.Duration, text string, left time.Duration) string {
	rest := ""
	switch {
	case left <= 0: // nobody knows, or it takes longer than before
	case left < 2*time.Minute:
		rest = fmt.Sprintf(", about %.0f s left", max(1, math.Round(left.Seconds())))
	default:
		rest = fmt.Sprintf(", about %.0f min left", math.Round(left.Minutes()))
	}
	return fmt.Sprintf("%3.0f s%s  %s", spent.Seconds(), rest, clean(text))
}

func (p *progress) loop(began time.Time) {
	defer p.gone.Done()
	const erase = "\r\x1b[K"
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	shown := false
	for {
		select {
		case <-p.done:
			if shown {
				fmt.Fprint(p.app.err, erase)
			}
			return
		case now := <-tick.C:
			if now.Sub(began) < time.Second {
				continue
			}
			shown = true
			p.mu.Lock()
			var left time.Duration
			if !p.end.IsZero() {
				left = p.end.Sub(now)
			}
			line := progressLine(now.Sub(began), p.text, left)
			p.mu.Unlock()
			fmt.Fprint(p.app.err, erase, displaywidth.TruncateString(line, max(20, width(p.app.err)-1), "…"))
		}
	}
}

// stop takes the line away; it can be called again.
func (p *progress) stop() {
	p.once.Do(func() { close(p.done) })
	p.gone.Wait()
}
