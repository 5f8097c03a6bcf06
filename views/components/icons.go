package components

// paths are the icons' lines on a ground of 24 by 24.
var paths = map[Icon]string{
	IconCheck: "m5 12.5 4.5 4.5L19 7.5",
	IconClose: "M6 6l12 12M18 6 6 18",
	IconBack:  "m14.5 6-6 6 6 6",
	IconOn:    "m9.5 6 6 6-6 6",
	IconInfo:  "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 8v5.5M12 7.5v.2",
	IconWarn:  "M12 4 2.8 19.5h18.4L12 4Zm0 6v4.5m0 2.3v.2",
	IconClock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 4v5.2l3.5 2",
	IconSeat:  "M7 4v9h8.5a2 2 0 0 1 2 2v5M7 13v7M7 16.5h10.5",
	IconBag:   "M5 8h14v12H5zM9 8V5h6v3M9 8v12m6-12v12",
	IconSound: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5H4Zm11.5-1a5 5 0 0 1 0 7m2.5-9.5a8.5 8.5 0 0 1 0 12",
	IconSwap:  "M4 8.5h15m-4-4 4 4-4 4M20 15.5H5m4-4-4 4 4 4",
	IconFile:  "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6m-6 4h6",
	IconDay:   "M4 6h16v14H4zM4 10.5h16M8.5 3.5V8m7-4.5V8",
	IconMail:  "M3.5 6h17v12.5h-17zm0 1 8.5 6 8.5-6",
}

func noteIcon(kind Kind) Icon {
	switch kind {
	case Good:
		return IconCheck
	case Warn, Bad:
		return IconWarn
	}
	return IconInfo
}

// noteRole lets bad news be read out at once where it arrives later.
func noteRole(kind Kind) string {
	if kind == Bad {
		return "alert"
	}
	return "note"
}
