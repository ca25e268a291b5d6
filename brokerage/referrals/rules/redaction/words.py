"""The word lists of the redaction: data, no rules. All lower case, without marks."""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NICKNAMES: Final[tuple[frozenset[str], ...]] = tuple(
    _words(line)
    for line in """
abdul abdullah abdallah abdulla
adam adams ad
ahmed ahmad ahmet
aisha ayesha aysha aishah
alexander alex alec al sandy lex xander zander sasha alexandra alexa lexi lexie sandra
alfred alf alfie fred
ali aly
amelia amy millie milly
amanda mandy
andrew andy drew andrea
anthony antony tony ant
ann anne anna annie anya hannah nan
archibald archie
arthur art artie
barbara barb babs
benjamin ben benny benji benjy
bernadette bernie
bradley brad
cameron cam
caroline carol carrie caro
catherine katherine kathryn katharine cathy kathy kate katie katy kat cat kitty kit kath cath
charles charlie charley chas chuck charlotte lottie
christopher chris kris topher kit
christine christina chris chrissy tina
daniel dan danny daniela danielle dani dannii
david dave davey davie dai
deborah debbie debra deb debs
dominic dom nick
donald don donny
dorothy dot dottie dolly
edward ed eddie eddy ted teddy ned edmund
eleanor ellie nell nellie elinor ella nora
elizabeth elisabeth liz lizzie lizzy beth betty betsy eliza libby lib elsie lisa elle ellie bess tilly
emily em emmy emma millie
fatima fatma fatimah
florence flo flossie florrie
francis frances fran frank frankie franny
frederick fred freddie freddy
gabriel gabriella gabrielle gabe gabby gaby
george georgie georgia georgina
gerald gerard gerry jerry
gregory greg
harold harry harriet hattie henry hal
hussain hussein husain hossain
ibrahim ebrahim abraham abe
isaac ike zac zak
isabel isabella isabelle izzy issy bella belle bel
jacob jake jacobs coby
jacqueline jackie jacqui
james jim jimmy jamie jimbo jem
janet jan jane janie
jayden jaden jaydon jaiden jay
jeffrey geoffrey jeff geoff
jennifer jen jenny jenna jenni
jessica jess jessie jessy
joanne joanna jo joan
john jon jonathan jonny johnny jack jackie johnathan
joseph joe joey josef josephine josie jo
joshua josh
judith judy jude
kenneth ken kenny
kevin kev
khadija khadijah
kimberley kim kimberly
lawrence laurence larry laurie loz
leonard leo len lenny
lewis louis lou louie
louise lou lulu
lucy luce lucinda
madeleine maddie maddy madison
margaret maggie meg megan peggy peg marge margie greta daisy rita
maria marie mary maryam mariam molly polly
martin marty
matilda tilly tilda
matthew matt matty mathew
maxwell max maximilian maxine
michael mike mick mickey micky mikey
michelle shell shelly chelle
mohammed mohammad mohamed mohamad muhammad muhammed muhamad mohd mo md
natalie nat natasha tash tasha nathaniel nathan nate
nicholas nick nicky nico nicolas
nicola nicole nicky nikki nic
oliver ollie olly olivia liv livvy
oluwaseun seun
oluwatobi tobi tobiloba
patricia pat patsy trish tricia patrick paddy
penelope penny
peter pete petey
philip phillip phil pip philippa pippa
rebecca becky becca bex
richard rich richie rick ricky dick dickie
robert rob robbie robby bob bobby bert
roberta bobbie
ronald ron ronnie ronny
samuel samantha sam sammy sammie
sarah sara sally sal sadie
sebastian seb
sharon shaz shazza shaz
sophie sophia sofia soph
stephen steven steve stevie ste
stephanie steph
susan sue susie suzie suzy susanna susannah
thomas tom tommy
theodore theo ted teddy
theresa teresa terry tess tessa
timothy tim timmy
tobias toby
umar omar umer
valerie val
victoria vicky vicki vikki tori
victor vic
vincent vince vinny
walter wally walt
william will bill billy willy wills liam
yusuf yousuf yousef youssef joseph
zachary zach zac zak zack
zoe zoey zo
agnieszka aga
aleksandra ola
katarzyna kasia
krzysztof krzys krzysiek
magdalena magda lena
malgorzata gosia
stanislaw staszek
tomasz tomek
chukwuemeka emeka
chukwudi chudi
ngozi ngo
""".strip().splitlines()
)

# Nicknames that are everyday words hide in lower case only beside another part of the name.
WORDLIKE: Final = _words(
    "ad al ant art bell bill bob carol cat chuck daisy dick dolly don dot drew ed em flo frank grace hal jack jay "
    "jet jim josh kit len lib mark mick max may md mo nan nat ned nick pat patsy peg penny pip polly rich rick rita "
    "rob rose sally sandy shell sue ted terry tom tony val vic wall wally will wills cam dom nick matt mike bert pat"
)

# Short words that only hide capitalised, or inside the name: two-letter English words, abbreviations, name particles.
SHORT: Final = _words(
    "am an as at be by do go he hi if in is it me my no of oh ok on or so to up us we id tv uk am pm yp sw gp pa kg cm "
    "mm km hr st nd rd th mr ms dr eg ie re vs pt ft wk la pe ict ni ct da de del della den der di dos das du el le "
    "lo al ul ur uz bin bint ibn abd abu ben san ter van von mac mc bte y e the and per ed ad"
)

RELATIONS: Final = _words(
    "mother mum mam mom mummy father dad daddy parent parents brother sister sibling siblings twin aunt aunty auntie "
    "uncle grandmother grandfather grandma grandad grandpa granny gran nan nana nanny nephew niece cousin step "
    "stepmother stepfather stepmum stepdad stepbrother stepsister half foster adoptive birth biological maternal "
    "paternal great carer carers guardian partner husband wife spouse boyfriend girlfriend fiance fiancee son daughter "
    "baby child friend neighbour ex former late deceased elder older eldest younger youngest little big in law next "
    "of kin kinship special relative relation family mr mrs ms miss mx dr sir rev aka known as or and the his her "
    "their my a an"
)

SCHOOL_WORDS: Final = _words(
    "school schools academy academies college primary secondary high community grammar sixth form centre center the "
    "of and for boys girls special infant infants junior juniors nursery trust campus church catholic ce rc cofe "
    "england voluntary aided controlled free upper lower middle comprehensive technology technical studio university "
    "education learning pru unit"
)

# Words too common as part of a school's name to hide alone.
PLACE_WORDS: Final = _words(
    "park hill green grove wood woods house north south east west saint field fields lane road bridge river valley "
    "meadow meadows moor brook lake castle cross hall manor view heath forest city town village county derby "
    "derbyshire nottingham nottinghamshire chesterfield mansfield ilkeston buxton glossop matlock belper ripley "
    "swadlincote heanor bolsover worksop newark arnold beeston hucknall retford leicester sheffield burton london "
    "birmingham manchester stoke lincoln loughborough england trent"
)

STREET_TYPES: Final[dict[str, tuple[str, ...]]] = {
    "road": ("rd",), "street": ("st", "str"), "avenue": ("ave", "av"), "lane": ("ln",), "drive": ("dr", "drv"),
    "close": ("cl",), "court": ("ct", "crt"), "crescent": ("cres", "cr"), "place": ("pl",), "square": ("sq",),
    "terrace": ("terr", "ter"), "gardens": ("gdns",), "grove": ("gr",), "way": (), "walk": (), "row": (), "mews": (),
    "hill": (), "rise": (), "view": (), "park": (), "green": (), "gate": (), "parade": (), "yard": (), "wharf": (),
    "house": ("hse",), "cottage": (), "lodge": (), "farm": (), "flat": (), "apartment": ("apt",), "room": (),
    "unit": (), "block": (), "boulevard": ("blvd",), "croft": (), "fold": (), "bank": (), "mount": ("mt",),
}  # fmt: skip

MONTHS: Final = _words(
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec"
)
WEEKDAYS: Final = _words(
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun"
)

# What councils and services are called in plans: not a lead to one person.
SERVICE_WORDS: Final = _words(
    "housing benefit universal credit council council's local authority children's childrens services service social "
    "worker workers care leaver leavers leaving personal adviser advisor pathway plan risk plans support supported "
    "accommodation key careers youth offending justice police court probation order hospital nhs gp cqc ofsted "
    "camhs cahms gcse gcses a-level btec nvq ehcp ehc pep lac yot yjs dbs pip dla esa jsa uc sen send adhd asd ptsd "
    "ocd std sti uasc neet yp pa sw iro mash cse cce nrm dols mca dvla dwp hmrc eet esol ict it tv uk eu id pc "
    "wifi covid english maths science home office matrix category level lot section act regulations schedule "
    "independence independent living outcomes outcome needs health mental education employment training money "
    "budgeting cooking emergency out hours duty team looked after sexual exploitation domestic abuse british "
    "citizen passport national insurance number driving licence provisional staying put close bank account "
    "mr mrs ms miss dr ni christmas easter ramadan eid diwali am pm"
)

KNOWN_WORDS: Final = MONTHS | WEEKDAYS | SERVICE_WORDS | {"i"}

# Ordinary words that begin sentences, and that a name never lurks in when split.
ORDINARY: Final = _words(
    "a about above after again against all almost alone along already also although always am an and another any "
    "anyone anything are area as ask asked at attend attended attending attends away back bad be became because been "
    "before being below best better between both but by call called calls can cannot carer carers change changes "
    "contact could current currently daily day days did do does doing done during each early eat either enjoy enjoys "
    "enough even evening ever every everyone example family feel feels few find first following food for former "
    "friend friends from full further gets give given go goes going good goal goals got great group had has have "
    "having he help helps her here hers high him his history home hours house how however if in include includes "
    "including initially into is it its job just keep keeps know known last later learn learning least less let like "
    "likes little live lived lives living long look looking lot low made main make makes manage manages many may "
    "me meet meets might mid month months more morning most move moved moving much must my name near need needed "
    "needs never new next night no none nor not note nothing now of off offer often old on once one only or other "
    "others our out over overall own parent parents part past people person phone place plan please possible "
    "previous previously provide provided provider put ran receive received receives recent recently regular "
    "report reported reports require requires review risk risks room safe safety said same school see seen self "
    "several share shared she should show shows since sleep small so some someone son soon staff start started "
    "stay still such support sure take takes talk than that the their them then there therefore these they thing "
    "things think this those though three through time times to today together told too two under until up us use "
    "used uses using usually very wants want was way we week weekly weeks well went were what when where whether "
    "which while who whole why will wishes with within without work works worked working would yes year years yet "
    "you young your four five six seven eight nine ten monthly summary aim actions action agreed arrange attends "
    "currently despite develop ensure ensures explore finally has hopes if improve increase maintain occasionally "
    "once outside participate prefers reduce referral remain says sometimes struggles text unless usually "
    "visit visits weekends man men her per via"
)
