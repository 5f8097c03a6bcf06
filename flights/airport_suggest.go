package flights

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Suggest returns at most limit airports that fit what a customer has typed so far, best first: a code,
// or the beginning of an English or Korean name of the airport or its city, or a part of one, or the
// initial consonants of a Korean one ("ㄱㅍ" finds 김포). Nothing typed suggests nothing.
func (a *Airports) Suggest(typed string, limit int) []Airport {
	want := foldForSearch(typed)
	if want == "" {
		return nil
	}
	type hit struct{ index, rank int }
	var hits []hit
	for i, keys := range a.keys {
		if rank := bestRank(keys, want); rank != noMatch {
			hits = append(hits, hit{i, rank})
		}
	}
	sort.SliceStable(hits, func(i, j int) bool { return hits[i].rank < hits[j].rank })
	var found []Airport
	for _, h := range hits[:min(limit, len(hits))] {
		found = append(found, a.list[h.index])
	}
	return found
}

// Resolve returns the airport that a typed text means without doubt: its code, alone or anywhere as a word
// of its own ("김포 GMP", "Gimpo (GMP)"), or a text that fits only one airport. Otherwise ErrNotFound.
func (a *Airports) Resolve(typed string) (Airport, error) {
	words := strings.FieldsFunc(strings.ToUpper(typed), func(r rune) bool {
		return !unicode.IsLetter(r)
	})
	for _, w := range words {
		if i, ok := a.byCode[w]; ok {
			return a.list[i], nil
		}
	}
	if found := a.Suggest(typed, 2); len(found) == 1 {
		return found[0], nil
	}
	return Airport{}, ErrNotFound
}

// searchKey is one folded text under which an airport is found; rank says how good a match of it is.
type searchKey struct {
	text string
	rank int
}

const (
	rankCode = iota
	rankShort
	rankCity
	rankName
	rankInitials
	inside  = 10 // added when the text matches inside, not at the beginning
	noMatch = 1000
)

func searchKeys(a Airport) []searchKey {
	keys := []searchKey{
		{foldForSearch(a.Code), rankCode},
		{foldForSearch(a.Short.Ko), rankShort}, {foldForSearch(a.Short.En), rankShort},
		{foldForSearch(a.City.Ko), rankCity}, {foldForSearch(a.City.En), rankCity},
		{foldForSearch(a.Name.Ko), rankName}, {foldForSearch(a.Name.En), rankName},
	}
	for _, ko := range []string{a.Short.Ko, a.City.Ko, a.Name.Ko} {
		keys = append(keys, searchKey{initialConsonants(foldForSearch(ko)), rankInitials})
	}
	return keys
}

// bestRank is the rank of the best match. A single letter stands inside too many names to mean anything.
func bestRank(keys []searchKey, want string) int {
	best := noMatch
	single := utf8.RuneCountInString(want) == 1
	for _, k := range keys {
		switch at := strings.Index(k.text, want); {
		case at == 0:
			best = min(best, k.rank)
		case at > 0 && !single && k.rank != rankCode && k.rank != rankInitials:
			best = min(best, k.rank+inside)
		}
	}
	return best
}

// foldForSearch makes texts comparable: small letters, nothing but letters and digits.
func foldForSearch(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// initialConsonants replaces each Hangul syllable by its initial consonant. Precomposed syllables stand
// in Unicode in blocks of 588 per initial, in the order of the list below (The Unicode Standard, 3.12).
func initialConsonants(s string) string {
	const first, last, perInitial = '가', '힣', 588
	initials := []rune("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")
	return strings.Map(func(r rune) rune {
		if r < first || r > last {
			return r
		}
		return initials[(r-first)/perInitial]
	}, s)
}
