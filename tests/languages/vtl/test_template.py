"""What templates write."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panregion.languages.vtl import Host, Template, VtlError

VALUES = {
    "name": "Ada",
    "n": 3,
    "f": 1.5,
    "yes": True,
    "no": False,
    "empty": "",
    "list": ["a", "b", "c"],
    "map": {"x": 1, "y": {"z": [10, 20]}, "a-b": 5},
    "host": Host({"p": "prop"}, twice=lambda value: value * 2),
}


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("", ""),
        ("plain", "plain"),
        ("$name ${name}s $!name", "Ada Adas Ada"),
        ("$none ${none} $!none|$!{none}", "$none ${none} |"),
        ("$map.x $map.y.z[1] $map['x'] $map.get('x')", "1 20 1 1"),
        ("$map.none $map.none.more", "$map.none $map.none.more"),
        ("$5.00 $ 100%$", "$5.00 $ 100%$"),
        ("$name.", "Ada."),
        ("$name.length() $list.size()", "3 3"),
        ("$yes $f $list $map.y", "true 1.5 [a, b, c] {z=[10, 20]}"),
        ("a ## comment\nb #* more\n*# c", "a b  c"),
        ("#[[ $name #if ]]#", " $name #if "),
        (r"\$name \#if \n", r"$name #if \n"),
        ("#ff0000 #notadirective(1)", "#ff0000 #notadirective(1)"),
        ('{"a": "$name"}', '{"a": "Ada"}'),
        ("#set($x = 1)\n$x", "1"),
        ("#set($x = $n + 1 * 2)$x", "5"),
        ("#set($x = ($n + 1) * 2)$x", "8"),
        ("#set($x = 7 / 2)$x #set($y = -7 % 3)$y", "3 -1"),
        ("#set($x = 'a' + $n)$x", "a3"),
        ("#set($x = $n / 0)$x", "$x"),
        ("#set($x = \"hi $name\")#set($y = 'hi $name')$x $y", "hi Ada hi $name"),
        ("#set($x = [1, 'b', $n])$x[2]$x", "3[1, b, 3]"),
        ("#set($x = [2..4])$x #set($x = [2..0])$x", "[2, 3, 4] [2, 1, 0]"),
        ("#set($x = {'a': 1, \"b\": {}})$x.a $x", "1 {a=1, b={}}"),
        ("#set($x = {})#set($x.a = 1)#set($x['b'] = 2)$x", "{a=1, b=2}"),
        ("#set($x = {})$x.put('k', 'v')$x.k", "$x.put('k', 'v')v"),
        ("#set($x = [])#set($ok = $x.add('v'))$ok $x", "true [v]"),
        ("#if($yes)a#{else}b#end", "a"),
        ("#if($no)a#elseif($n == 3)b#else c#end", "b"),
        ("#if($none)a#end", ""),
        ("#if($empty)non-null is true#end", "non-null is true"),
        ("#if($none && $none.size() > 0)a#else b#end", " b"),
        ("#if(!$none || $name == 'x')a#end", "a"),
        ("#if($n >= 3 && $n < 4 and $n != 5 && not $no)a#end", "a"),
        ("#if($n == '3')a#end", "a"),
        ("#if($name == \"Ada\")a#end#if($name eq 'Eve')b#end", "a"),
        ("#foreach($i in $list)$i#if($foreach.hasNext),#end#end", "a,b,c"),
        ("#foreach($i in $map.y)$i $foreach.index $velocityCount#end", "[10, 20] 0 1"),
        ("#foreach($e in $map.entrySet())$e.key=$e.value;#end", "x=1;y={z=[10, 20]};a-b=5;"),
        ("#foreach($k in $map.keySet())$k #end", "x y a-b "),
        ("#foreach($i in [1..9])#if($i == 3)#break#end$i#end!", "12!"),
        ("#foreach($i in $none)x#end.", "."),
        (
            "#foreach($i in $list)#foreach($j in [1..2])$foreach.parent.index$foreach.index #end#end",
            "00 01 10 11 20 21 ",
        ),
        ("a#stop b", "a"),
        ("#macro(greet $who $mark)Hi $who$mark#end#greet('Bo' '!')#greet($name, '?')", "Hi Bo!Hi Ada?"),
        ("#define($d)[$name]#end$d", "[Ada]"),
        ("$host.p $host.twice(4) $host.none $host.none()", "prop 8 $host.none $host.none()"),
        ("#if($yes)\n  a\n#end\nb", "  a\nb"),
    ],
)
def test_templates(source: str, written: str) -> None:
    assert Template(source).render(VALUES) == written


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("$s.toUpperCase()", "A,B,,"),
        ("$s.split(',')", "[a, b]"),
        ("$s.replaceAll('[ab]', '<$0>')", "<a>,<b>,,"),
        ("$s.replaceAll('(a)', '$1$1')", "aa,b,,"),
        ("$s.replace(',', '')", "ab"),
        ("$s.substring(1)", ",b,,"),
        ("$s.substring(0, 1)", "a"),
        ("$s.indexOf('b')", "2"),
        ("$s.matches('a.*')", "true"),
        ("$s.contains('z')", "false"),
        ("$s.isEmpty()", "false"),
        ("$s.equals('a,b,,')", "true"),
        ("$l.contains(2)", "true"),
        ("$l.get(1)", "2"),
        ("$l.isEmpty()", "false"),
        ("$m.containsKey('a')", "true"),
        ("$m.values()", "[1]"),
        ("$i.parseInt('12')", "12"),
        ("$i.toString()", "0"),
    ],
)
def test_javas_methods(call: str, value: str) -> None:
    assert Template(call).render({"s": "a,b,,", "l": [1, 2], "m": {"a": 1}, "i": 0}) == value


def test_quotes_escaped_for_json() -> None:
    source = '$s.replaceAll("\\\\\'", "\'")'
    assert Template(source).render({"s": "it\\'s"}) == "it's"


@pytest.mark.parametrize(
    "source", ["#if($a)", "#set($a)", "#set(a = 1)", "#foreach($a of $b)#end", "#end", "#if()x#end", "#macro(#end"]
)
def test_what_cannot_be_read(source: str) -> None:
    with pytest.raises(VtlError, match="line 1"):
        Template(source)


@pytest.mark.parametrize("source", ["$s.substring(9)", "$s.length(1)", "#set($s.a = 1)", "$s.matches('(')"])
def test_what_cannot_be_done(source: str) -> None:
    with pytest.raises(VtlError):
        Template(source).render({"s": "abc"})


def test_loops_are_bounded() -> None:
    with pytest.raises(VtlError, match="100 rounds"):
        Template("#foreach($i in [1..20])#foreach($j in [1..20])#end#end").render({}, rounds_max=100)


def test_macros_that_call_themselves_are_bounded() -> None:
    with pytest.raises(VtlError, match="levels"):
        Template("#macro(m)#m()#end#m()").render({})


def test_a_rendering_leaves_its_variables_alone() -> None:
    variables: dict[str, Any] = {"a": 1}
    Template("#set($a = 2)#set($b = 3)").render(variables)
    assert variables == {"a": 1}


def test_return_gives_a_value() -> None:
    assert Template("x#return({'a': [1]})y").run({}) == ("x", {"a": [1]})


def test_python_is_out_of_reach() -> None:
    source = "$s.__class__ $s.__class__.__mro__ $h.properties $h.methods $h.__init__"
    assert Template(source).render({"s": "x", "h": Host({"p": 1})}) == source


@given(st.text(alphabet="ab $#{}!.()[]'\"\\\n=", max_size=40))
def test_any_text_is_rendered_or_refused(source: str) -> None:
    try:
        Template(source).render({"a": "x", "b": ["y"]})
    except VtlError as error:
        assert str(error)  # noqa: PT017


@given(st.text(alphabet=st.characters(exclude_characters="$#\\"), max_size=60))
def test_plain_text_stays_as_it_is(source: str) -> None:
    assert Template(source).render({}) == source
