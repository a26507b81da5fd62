package main

import (
	"fmt"
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
			line := fmt.Sprintf("%3.0f s  %s", now.Sub(began).Seconds(), clean(p.text))
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
