"""The pages before a double of the application: what a customer and an administrator do, by mouse and by keyboard.

Debian's package: chromium. Where it is not installed, the tests say so and are skipped.
"""

import pytest

from tests.browser.chromium import CHROMIUM, Browser, until
from tests.browser.food.double import HOSTILE, TOKEN, Double

WWW = "http://www.food.test"
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (Debian: apt-get install chromium)")


def fill_in(browser: Browser, jurisdiction: str = "EU", card: str = "ok") -> None:
    for field, value in (("name", "Ada Example"), ("address", "1 Quiet Street"), ("phone", "+44 20 0000 000")):
        browser.fill(f"#{field}", value)
    browser.fill("#jurisdiction", jurisdiction)
    browser.fill("#card", card)


def at_checkout(browser: Browser, restaurant: str = "r-004") -> None:
    """With two soups and a pie."""
    browser.open(f"{WWW}/#/restaurant/{restaurant}")
    for button in ("#add-soup", "#plus-soup", "#add-pie"):
        browser.click(button)
    browser.click("#to-checkout")
    browser.sees("Deliver to")


def test_restaurants_are_found_by_city_and_kitchen(browser: Browser) -> None:
    browser.open(f"{WWW}/")
    browser.sees("The first 24 restaurants")
    browser.click("#more")
    browser.sees("31 restaurants")
    browser.fill("#city", "Berlin")
    browser.sees("7 restaurants")
    browser.fill("#cuisine", "Thai")
    browser.wait("document.querySelectorAll('#cards li').length === 3")
    assert browser.text(".region[data-service=catalog]").startswith("Catalog: us-east-1")


def test_a_search_that_is_not_answered_says_so(browser: Browser, double: Double) -> None:
    browser.open(f"{WWW}/")
    browser.sees("The first 24 restaurants")
    double.unspeakable.add("Thai")
    browser.fill("#cuisine", "Thai")
    browser.sees("There is no such kitchen. Choose again")
    browser.fill("#cuisine", "Indian")
    browser.sees("5 restaurants")


def test_an_order_is_placed_paid_and_tracked_until_it_is_there(browser: Browser, double: Double) -> None:
    at_checkout(browser)
    assert "€25.90" in browser.text("#place")
    fill_in(browser, jurisdiction="US")
    browser.click("#place")
    browser.sees("Tomato soup")
    browser.wait("document.querySelector('h1').textContent === 'Paid'")
    (order,) = double.orders.values()
    assert order["lines"][0] | {"quantity": 2} == order["lines"][0]
    for state, words in (("out_for_delivery", "On its way"), ("delivered", "Delivered")):
        order["state"] = state
        browser.wait(f"document.querySelector('h1').textContent === '{words}'")
    asked = len(double.asked)
    browser.run("new Promise((done) => setTimeout(done, 2500))")
    assert len(double.asked) == asked, "an order that has come to its end is not asked for again"
    assert browser.run("document.querySelector('#basket-count').hidden")
    browser.open(f"{WWW}/#/orders")
    browser.sees("taken in us-east-1 (Virginia)")


def test_an_order_is_placed_with_the_keyboard_alone(browser: Browser, double: Double) -> None:
    browser.open(f"{WWW}/#/restaurant/r-001")
    browser.sees("Tomato soup")
    browser.tab_to("#add-soup")
    browser.press("Enter")
    browser.wait("document.activeElement?.id === 'plus-soup'")
    browser.press("Enter")
    browser.wait("document.querySelector('.stepper output')?.textContent === '2'")
    browser.tab_to("#to-checkout")
    browser.press("Enter")
    browser.sees("Deliver to")
    for field in ("name", "address", "phone"):
        browser.tab_to(f"#{field}")
        browser.type(f"some {field}")
    browser.tab_to("#place")
    browser.press("Enter")
    browser.sees("Taken in")
    (order,) = double.orders.values()
    assert [line["quantity"] for line in order["lines"]] == [2]


def test_the_keyboard_keeps_its_place_where_a_dish_leaves_the_basket(browser: Browser) -> None:
    browser.open(f"{WWW}/#/restaurant/r-001")
    browser.sees("Tomato soup")
    for pressed, focused in (("#add-soup", "plus-soup"), ("#minus-soup", "add-soup"), ("#add-soup", "plus-soup")):
        browser.run(f"document.querySelector('{pressed}').focus()")
        browser.press("Enter")
        browser.wait(f"document.activeElement?.id === '{focused}'")
    browser.click("#to-checkout")
    browser.sees("Deliver to")
    browser.run("document.querySelector('#minus-soup').focus()")
    browser.press("Enter")
    browser.sees("Your basket is empty")
    browser.wait("document.activeElement?.id === 'main'")


def test_what_others_wrote_is_text_and_nothing_else(browser: Browser, double: Double) -> None:
    for dish in double.restaurants["r-099"]["menus"][0]["dishes"]:
        dish["name"] = dish["description"] = HOSTILE
    browser.open(f"{WWW}/")
    browser.sees("The first")
    browser.click("#more")
    browser.sees(HOSTILE)
    at_checkout(browser, "r-099")
    browser.sees(HOSTILE)
    browser.fill("#name", '"><script>document.documentElement.dataset.taken=1</script>')
    browser.fill("#address", HOSTILE)
    browser.fill("#phone", HOSTILE[:25])
    browser.click("#plus-soup")
    browser.sees("€32.40")
    assert browser.run("document.querySelector('#address').value") == HOSTILE
    browser.fill("#jurisdiction", "US")
    browser.click("#place")
    browser.sees("Taken in")
    browser.sees(f"3 \u00d7 {HOSTILE}")
    assert browser.run("document.documentElement.dataset.taken ?? null") is None


def test_pages_fit_on_a_phone(browser: Browser) -> None:
    browser.look(width=360, height=740, phone=True)
    at_checkout(browser)
    for page in ("#/checkout", "", "#/restaurant/r-004", "#/orders", "#/nowhere", "admin.html"):
        browser.open(f"{WWW}/{page}")
        fits(browser)


def fits(browser: Browser) -> None:
    browser.wait("!!document.querySelector('h1') && !document.querySelector('main').innerText.includes('Looking')")
    wide = "[...document.querySelectorAll('body *')].filter((each) => each.getBoundingClientRect().right > 361)"
    assert browser.run(f"{wide}.map((each) => each.outerHTML.slice(0, 80))") == []


def test_a_declined_card_is_told(browser: Browser) -> None:
    at_checkout(browser)
    fill_in(browser, "US", "declined")
    browser.click("#place")
    browser.sees("The card was declined. Nothing will be delivered")


def test_an_order_of_a_page_that_was_closed_goes_on(browser: Browser, double: Double) -> None:
    at_checkout(browser)
    fill_in(browser, "US")
    double.lost |= {"us-east-1", "eu-west-1", "eu-central-1"}
    browser.click("#place")
    browser.sees("No answer yet")
    browser.open("about:blank")
    browser.wait("location.href === 'about:blank'")  # while the page is there, it may still be answered
    double.lost.clear()
    browser.open(f"{WWW}/")
    browser.sees("has not been confirmed yet")
    browser.click("#pending a")
    browser.sees("Taken in")
    assert len(double.orders) == 1


def sign_in(browser: Browser, token: str = TOKEN) -> None:
    browser.open(f"{WWW}/admin.html#/leave")
    browser.wait("!!document.querySelector('#token')")
    browser.fill("#token", token)
    browser.click("#sign-in button")
    browser.sees("31 of 31 restaurants")


def test_an_administrator_changes_the_catalog(browser: Browser, double: Double) -> None:
    sign_in(browser)
    browser.click("#new")
    for field, value in (("name", "Pâté & Co"), ("city", "Berlin"), ("cuisine", "French")):
        browser.fill(f"[name={field}]", value)
    browser.click("#save")
    browser.wait("!!document.querySelector('#new-menu')")
    made = next(each for each in double.restaurants.values() if each["name"] == "Pâté & Co")
    assert made["id"].startswith("pa-te-co-")
    browser.fill("#new-menu [name=name]", "Evening")
    browser.click("#new-menu button")
    until(lambda: made["menus"], 10, "the menu")
    menu = made["menus"][0]
    browser.sees("Evening")
    adding = f"#add-to-{menu['id']}"
    for field, value in (("name", "Terrine"), ("price", "12.35"), ("currency", "EUR"), ("description", "Cold")):
        browser.fill(f"{adding} [name={field}]", value)
    browser.click(f"{adding} button")
    browser.sees("€12.35")
    browser.sees("Saved.")
    assert menu["dishes"][0]["price_cents"] == 1235
    removed = f"#dish-{menu['dishes'][0]['id']}"
    browser.click(f"{removed} [data-remove]")
    browser.wait(f"!document.querySelector('{removed}')")
    assert not menu["dishes"]
    browser.click("#about [data-remove]")
    browser.sees("31 of 31 restaurants")
    assert made["id"] not in double.restaurants


def test_an_answer_that_comes_after_the_reader_went_elsewhere_changes_nothing(browser: Browser, double: Double) -> None:
    sign_in(browser)
    browser.click("a[href='#/restaurant/r-004']")
    double.held = "PUT"
    browser.click("#save")
    until(lambda: double.asked[-1][:2] == ("admin", "PUT"), 10, "the request")
    browser.open(f"{WWW}/admin.html#/")
    browser.sees("31 of 31 restaurants")
    double.let_go.set()
    browser.sees("Administration: us-east-1")
    browser.fill("#find", "Harbour")
    browser.sees("5 of 31 restaurants")
    assert browser.text("h1") == "Catalog"


def test_an_order_that_was_refused_is_sent_once_when_it_was_mended(browser: Browser, double: Double) -> None:
    at_checkout(browser)
    fill_in(browser, "US")
    browser.fill("#name", "  ")
    browser.click("#place")
    browser.sees("Nothing was ordered")
    assert browser.text("[role=alert] p") == "A name is missing."
    browser.click("#again")
    browser.click("#plus-soup")
    browser.sees("€32.40")
    browser.fill("#name", "Ada Example")
    browser.click("#place")
    browser.sees("Taken in")
    assert len(double.orders) == 1


def test_updates_are_refused_with_a_reason_while_the_master_is_away(browser: Browser, double: Double) -> None:
    double.nearest = "eu-west-1"
    sign_in(browser)
    double.lost.add("us-east-1")
    browser.click("a[href='#/restaurant/r-004']")
    browser.click("#save")
    browser.sees("Updates are not possible now, because us-east-1 is away.")


def test_a_wrong_token_is_told(browser: Browser) -> None:
    sign_in(browser, "open")
    browser.click("a[href='#/restaurant/r-004']")
    browser.click("#save")
    browser.sees("Sign in again")


def test_the_counter_moves_an_order_on_in_its_home_region(browser: Browser, double: Double) -> None:
    double.nearest = "eu-west-1"
    at_checkout(browser)
    fill_in(browser)
    browser.click("#place")
    browser.sees("Taken in")
    (order,) = double.orders.values()
    order["state"] = "paid"
    double.nearest = "us-east-1"
    sign_in(browser)
    browser.open(f"{WWW}/admin.html#/counter")
    browser.fill("#number", order["order_id"])
    browser.click("#look button")
    browser.click("#move")
    browser.sees("Done in eu-west-1 (Ireland).")
    assert order["state"] == "preparing"
    order["state"] = "out_for_delivery"  # the answer to that was lost on its way, and the page asks again
    browser.click("#move")
    browser.sees("It was done already.")
    browser.click("#move")
    browser.sees("Done in eu-west-1 (Ireland).")
    assert order["state"] == "delivered"
