package gatewaysim

import (
	"strconv"
	"strings"

	"pigonair/payment/portone"
)

// texts are the words of the pages in one language.
type texts struct {
	Lang                                                             string
	Simulator, NoMoney                                               string
	Title, Amount, Order, Customer, PaymentNo, Method, Installment   string
	TestChannel, Approve, ApproveLate, ApproveLateHint               string
	Decline, DeclineHint, Reason, Leave, LeaveHint                   string
	Faults, FaultsHint, FaultSeconds, FaultStatus, FaultAmount       string
	FaultApply, FaultsChosen, NoFaults                               string
	LeftTitle, LeftText, LateTitle, LateText                         string
	DoneTitle, DoneText, FailedTitle, FailedText, GoneTitle, GoneTxt string
	TamperTitle, TamperText, BadTitle, BadText, FullTitle, FullText  string
	BackToShop, Months, AtOnce                                       string
	IndexTitle, IndexText, Newest, Status, Nothing                   string
}

// textsFor picks the language by its tag; Korean unless English is asked for.
func textsFor(locale string) *texts {
	if strings.HasPrefix(strings.ToLower(locale), "en") {
		return &english
	}
	return &korean
}

var korean = texts{
	Lang: "ko", Simulator: "모의 결제창", NoMoney: "연습용 화면입니다. 실제 돈은 움직이지 않습니다.",
	Title: "결제", Amount: "결제 금액", Order: "주문", Customer: "주문자", PaymentNo: "결제 번호", Method: "결제 수단", Installment: "할부",
	TestChannel: "테스트 채널", Approve: "승인", ApproveLate: "나중에 승인", ApproveLateHint: "결제창을 닫은 뒤 몇 초 지나 승인됩니다.",
	Decline: "결제 거절", DeclineHint: "고른 사유로 거절하고 쇼핑몰로 돌아갑니다.", Reason: "거절 사유",
	Leave: "결제창 닫기", LeaveHint: "결제하지 않고 창을 닫은 것처럼 합니다. 쇼핑몰로 돌아가지 않습니다.",
	Faults: "장애 고르기", FaultsHint: "이 결제에서 일어날 일을 고르고 적용을 누르세요.",
	FaultSeconds: "멈추는 시간(초)", FaultStatus: "오류 응답 코드", FaultAmount: "바꿀 금액",
	FaultApply: "적용", FaultsChosen: "고른 장애", NoFaults: "고른 장애가 없습니다.",
	LeftTitle: "결제창을 닫았습니다", LeftText: "결제되지 않았습니다. 쇼핑몰에서 다시 결제할 수 있습니다.",
	LateTitle: "결제창을 닫았습니다", LateText: "몇 초 뒤에 결제가 승인됩니다. 쇼핑몰에서 확인해 주세요.",
	DoneTitle: "이미 끝난 결제입니다", DoneText: "이 결제는 이미 처리되었습니다. 쇼핑몰에서 확인해 주세요.",
	FailedTitle: "거절된 결제입니다", FailedText: "결제되지 않았습니다. 쇼핑몰에서 다시 시도해 주세요.",
	GoneTitle: "결제창을 찾을 수 없습니다", GoneTxt: "주소가 잘못되었거나 새 결제창이 열렸습니다. 쇼핑몰에서 다시 시작해 주세요.",
	TamperTitle: "결제 금액이 다릅니다", TamperText: "쇼핑몰이 등록한 금액과 요청한 금액이 달라 결제창을 열지 않았습니다. 결제되지 않았습니다.",
	BadTitle: "결제 요청이 올바르지 않습니다", BadText: "결제되지 않았습니다. 잘못된 항목:",
	FullTitle: "결제창을 열 수 없습니다", FullText: "모의 결제 저장소가 가득 찼습니다. 결제되지 않았습니다.",
	BackToShop: "쇼핑몰로 돌아가기", Months: "개월", AtOnce: "일시불",
	IndexTitle: "모의 결제 서버", IndexText: "포트원 V2 규격으로 응답하는 연습용 결제 서버입니다.",
	Newest: "최근 결제", Status: "상태", Nothing: "아직 결제가 없습니다.",
}

var english = texts{
	Lang: "en", Simulator: "Payment simulator", NoMoney: "For practice only. No real money moves.",
	Title: "Payment", Amount: "Amount", Order: "Order", Customer: "Customer", PaymentNo: "Payment number", Method: "Method", Installment: "Instalments",
	TestChannel: "Test channel", Approve: "Approve", ApproveLate: "Approve later", ApproveLateHint: "The payment is approved a few seconds after you have left.",
	Decline: "Decline", DeclineHint: "Declines for the chosen reason and returns to the shop.", Reason: "Reason",
	Leave: "Close this window", LeaveHint: "As if you closed the window without paying. The shop hears nothing.",
	Faults: "Choose faults", FaultsHint: "Choose what shall happen to this payment, then apply.",
	FaultSeconds: "Hang for (seconds)", FaultStatus: "Status of error answers", FaultAmount: "Amount to change to",
	FaultApply: "Apply", FaultsChosen: "Chosen faults", NoFaults: "No faults chosen.",
	LeftTitle: "You left the payment page", LeftText: "Nothing was charged. You can pay again from the shop.",
	LateTitle: "You left the payment page", LateText: "The payment will be approved in a few seconds. Please check in the shop.",
	DoneTitle: "This payment is finished", DoneText: "It has been dealt with already. Please check in the shop.",
	FailedTitle: "This payment was declined", FailedText: "Nothing was charged. Please try again from the shop.",
	GoneTitle: "No such payment page", GoneTxt: "The address is wrong, or a newer payment page was opened. Please start again from the shop.",
	TamperTitle: "The amount differs", TamperText: "The amount asked for is not the amount that the shop registered, so the payment page was not opened. Nothing was charged.",
	BadTitle: "The payment request is not valid", BadText: "Nothing was charged. What is wrong:",
	FullTitle: "The payment page cannot be opened", FullText: "The simulator's store is full. Nothing was charged.",
	BackToShop: "Back to the shop", Months: "months", AtOnce: "in full",
	IndexTitle: "Payment gateway simulator", IndexText: "A practice gateway that answers as PortOne V2 does.",
	Newest: "Newest payments", Status: "Status", Nothing: "No payments yet.",
}

// reason is why a card company, an easy-pay service or a bank declines.
type reason struct {
	code string
	words
}

// codeCancelled is the reason that is the customer's own doing.
const codeCancelled = "PAY_PROCESS_CANCELED"

var (
	cancelledByCustomer = reason{codeCancelled, words{"고객이 결제를 취소함", "Cancelled by the customer"}}
	cardReasons         = []reason{
		{"LIMIT_EXCEEDED", words{"한도 초과", "Over the card's limit"}},
		{"WRONG_PASSWORD", words{"비밀번호 오류", "Wrong password"}},
		{"CARD_EXPIRED", words{"유효기간이 지난 카드", "Card expired"}},
		{"CARD_LOST", words{"분실·도난 신고된 카드", "Card reported lost or stolen"}},
		{"INSTALLMENT_NOT_ALLOWED", words{"할부가 되지 않는 카드", "No instalments with this card"}},
		cancelledByCustomer,
	}
	easyPayReasons = []reason{
		{"BALANCE_SHORT", words{"잔액 부족", "Not enough balance"}},
		{"WRONG_PASSWORD", words{"결제 비밀번호 오류", "Wrong payment password"}},
		{"ACCOUNT_SUSPENDED", words{"이용이 정지된 계정", "Account suspended"}},
		{"NO_CARD_REGISTERED", words{"등록된 결제 수단이 없음", "No card or account registered"}},
		cancelledByCustomer,
	}
	transferReasons = []reason{
		{"BALANCE_SHORT", words{"잔액 부족", "Not enough balance"}},
		{"BANK_MAINTENANCE", words{"은행 점검 시간", "The bank is under maintenance"}},
		{"WRONG_PASSWORD", words{"계좌 비밀번호 오류", "Wrong account password"}},
		{"TRANSFER_LIMIT_EXCEEDED", words{"이체 한도 초과", "Over the transfer limit"}},
		cancelledByCustomer,
	}
)

// reasonsOf lists the reasons to decline of a payment method.
func reasonsOf(method string) []reason {
	switch method {
	case portone.MethodEasyPay:
		return easyPayReasons
	case portone.MethodTransfer:
		return transferReasons
	default:
		return cardReasons
	}
}

// methodType is the wire's name of a payment method; empty for unknown ones.
func methodType(method string) string {
	switch method {
	case portone.MethodCard:
		return "PaymentMethodCard"
	case portone.MethodEasyPay:
		return "PaymentMethodEasyPay"
	case portone.MethodTransfer:
		return "PaymentMethodTransfer"
	default:
		return ""
	}
}

// methodCode is methodType backwards.
func methodCode(m *portone.Method) string {
	for _, method := range []string{portone.MethodEasyPay, portone.MethodTransfer} {
		if m != nil && m.Type == methodType(method) {
			return method
		}
	}
	return portone.MethodCard
}

// money writes an amount with its currency: 63,200원, ₩63,200, USD 1,200.
func (t *texts) money(amount int64, currency string) string {
	digits := strconv.FormatInt(amount, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	switch {
	case currency != "KRW":
		return currency + " " + digits
	case t.Lang == "en":
		return "₩" + digits
	default:
		return digits + "원"
	}
}

// approve is what the button says that pays an amount.
func (t *texts) approve(amount string) string {
	if t.Lang == "en" {
		return t.Approve + " " + amount
	}
	return amount + " " + t.Approve
}

// installment writes over how many months a payment is spread.
func (t *texts) installment(months int) string {
	if months == 0 {
		return t.AtOnce
	}
	if t.Lang == "en" {
		return strconv.Itoa(months) + " " + t.Months
	}
	return strconv.Itoa(months) + t.Months
}
