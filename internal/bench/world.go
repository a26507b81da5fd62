package bench

// What the shop's values are. In each list the first is the most frequent.

type share struct {
	text string
	of   float64
}

type city struct {
	name     string
	lat, lon float64
}

var cities = []city{
	{"Hồ Chí Minh", 10.7769, 106.7009}, {"Hà Nội", 21.0285, 105.8542}, {"Đà Nẵng", 16.0544, 108.2022}, {"Hải Phòng", 20.8449, 106.6881},
	{"Cần Thơ", 10.0452, 105.7469}, {"Biên Hòa", 10.9574, 106.8427}, {"Huế", 16.4637, 107.5909}, {"Nha Trang", 12.2388, 109.1967},
	{"Buôn Ma Thuột", 12.6667, 108.0383}, {"Vũng Tàu", 10.4114, 107.1362}, {"Quy Nhơn", 13.782, 109.2196}, {"Thái Nguyên", 21.5942, 105.8482},
	{"Vinh", 18.6796, 105.6813}, {"Đà Lạt", 11.9404, 108.4583}, {"Nam Định", 20.4388, 106.1621}, {"Hạ Long", 20.9712, 107.0448},
	{"Phan Thiết", 10.9804, 108.2615}, {"Mỹ Tho", 10.36, 106.36}, {"Long Xuyên", 10.3864, 105.4352}, {"Rạch Giá", 10.0125, 105.0809},
}

var (
	emailHosts = []string{"gmail.com", "yahoo.com", "outlook.com", "icloud.com", "shop.vn"}
	languages  = []string{"vi", "en", "ko", "ja", "zh"}
	tiers      = []string{"bronze", "silver", "gold", "platinum"}
	sources    = []string{"organic", "ads", "referral", "store", "affiliate", "marketplace"}
	devices    = []string{"android", "ios", "web"}
	statuses   = []share{{"paid", 0.78}, {"cancelled", 0.08}, {"refunded", 0.07}, {"pending", 0.04}, {"failed", 0.03}}
	channels   = []string{"web", "app", "store", "phone", "partner"}
	categories = []string{"fashion", "beauty", "home", "electronics", "grocery", "toys", "sport", "books", "baby", "garden", "pets", "auto"}
	eventNames = []string{"page_view", "product_view", "search", "app_open", "category_view", "add_to_cart", "email_open", "login", "wishlist_add", "checkout_start",
		"email_click", "purchase", "review_view", "video_play", "coupon_view", "share", "support_chat", "review_write", "unsubscribe", "refund_request"}
	productEvents = []string{"product_view", "add_to_cart", "wishlist_add", "checkout_start", "purchase", "review_view", "review_write", "share", "refund_request"}
)
