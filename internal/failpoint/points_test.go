package failpoint

import (
	"errors"
	"testing"
	"time"
)

func TestPoints_actWhenTheyAreDue(t *testing.T) {
	t.Parallel()
	p, err := parse("a=error,b=error@3,c=delay:20ms@1,d=skip,")
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 4; n++ {
		if err := p.due("a").do(); !errors.Is(err, ErrInjected) {
			t.Errorf("a, time %d: %v", n, err)
		}
		if err := p.due("b").do(); (err != nil) != (n == 3) {
			t.Errorf("b, time %d: %v", n, err)
		}
		begin := time.Now()
		if err := p.due("c").do(); err != nil || (time.Since(begin) >= 20*time.Millisecond) != (n == 1) {
			t.Errorf("c, time %d: %v after %v", n, err, time.Since(begin))
		}
		if p.due("d").kind != "skip" || p.due("other").kind != "" {
			t.Error("a place does what another was told to do")
		}
	}
}

func TestParse_refuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"a", "a=", "a=poem", "a=delay", "a=delay:soon", "a=exit@", "a=exit@x", "=="} {
		if _, err := parse(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
