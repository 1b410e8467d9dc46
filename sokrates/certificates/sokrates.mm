$( sokrates.mm: first-order logic with equality, and the rules of SOKRATES derived from it.

   What is trusted is the syntax and the axioms (labels ax- and df-); everything below them is proved here, and
   Metamath checks it each time. A certificate adds predicates and constants, its premises as hypotheses, and one
   theorem. Read it with:  metamath 'read sokrates.mm' 'verify proof *' 'show proof mpd'

   ga is what a line may assume: T., or the scopes around it, ( ( T. /\ ph ) /\ ps ). th is an equality x = t.
   A predicate P takes a list of arguments, a or b, which may be empty.
   Not covered: functions. $)

$c wff term setvar pred args |- ( ) -> -. /\ \/ \/_ <-> T. F. A. E. = $.
$v ph ps ch th ta ga x y t u P a b $.
wph $f wff ph $.
wps $f wff ps $.
wch $f wff ch $.
wth $f wff th $.
wta $f wff ta $.
wga $f wff ga $.
sx $f setvar x $.
sy $f setvar y $.
tt $f term t $.
tu $f term u $.
pP $f pred P $.
aa $f args a $.
ab $f args b $.

wim $a wff ( ph -> ps ) $.
wne $a wff -. ph $.
wan $a wff ( ph /\ ps ) $.
wor $a wff ( ph \/ ps ) $.
wxo $a wff ( ph \/_ ps ) $.
wbi $a wff ( ph <-> ps ) $.
wtr $a wff T. $.
wfa $a wff F. $.
wal $a wff A. x ph $.
wex $a wff E. x ph $.
tv $a term x $.
weq $a wff t = u $.
$( No argument, one more, and two lists of them. $)
a0 $a args $.
a1 $a args a t $.
ac $a args a b $.
wat $a wff ( P a ) $.

$( ---- Axioms: propositional logic (after S. C. Kleene, Introduction to Metamathematics,
        1952, section 19) ---- $)

$( Modus ponens. $)
${
  ax-mp.1 $e |- ph $.
  ax-mp.2 $e |- ( ph -> ps ) $.
  ax-mp $a |- ps $.
$}

ax-k $a |- ( ph -> ( ps -> ph ) ) $.

ax-s $a |- ( ( ph -> ( ps -> ch ) ) -> ( ( ph -> ps ) -> ( ph -> ch ) ) ) $.

ax-and $a |- ( ph -> ( ps -> ( ph /\ ps ) ) ) $.

ax-andl $a |- ( ( ph /\ ps ) -> ph ) $.

ax-andr $a |- ( ( ph /\ ps ) -> ps ) $.

ax-orl $a |- ( ph -> ( ph \/ ps ) ) $.

ax-orr $a |- ( ps -> ( ph \/ ps ) ) $.

ax-or $a |- ( ( ph -> ch ) -> ( ( ps -> ch ) -> ( ( ph \/ ps ) -> ch ) ) ) $.

ax-neg $a |- ( ( ph -> ps ) -> ( ( ph -> -. ps ) -> -. ph ) ) $.

ax-dn $a |- ( -. -. ph -> ph ) $.

ax-tru $a |- T. $.

ax-fal $a |- ( F. -> ph ) $.

ax-bi $a |- ( ( ph -> ps ) -> ( ( ps -> ph ) -> ( ph <-> ps ) ) ) $.

ax-bil $a |- ( ( ph <-> ps ) -> ( ph -> ps ) ) $.

ax-bir $a |- ( ( ph <-> ps ) -> ( ps -> ph ) ) $.

$( Definition of exclusive or. $)
df-xo $a |- ( ( ph \/_ ps ) <-> ( ( ph \/ ps ) /\ -. ( ph /\ ps ) ) ) $.

$( ---- Axioms: quantifiers and equality (after A. Tarski, A simplified formalization of predicate
        logic with identity, 1965) ---- $)

$( Generalisation. $)
${
  ax-gen.1 $e |- ph $.
  ax-gen $a |- A. x ph $.
$}

ax-all $a |- ( A. x ( ph -> ps ) -> ( A. x ph -> A. x ps ) ) $.

${
  $d x ph $.
  ax-vac $a |- ( ph -> A. x ph ) $.
$}

$( Each term stands for an individual. $)
${
  $d x t $.
  ax-ex $a |- E. x x = t $.
$}

$( Definition of the existential quantifier. $)
df-ex $a |- ( E. x ph <-> -. A. x -. ph ) $.

$( What holds of an individual holds of it under each of its names. $)
ax-eq $a |- ( t = u -> ( ( P a t b ) <-> ( P a u b ) ) ) $.

$( ---- Implication ---- $)

${
  a1i.1 $e |- ph $.
  a1i $p |- ( ga -> ph ) $=
    ( wim ax-k ax-mp ) ABADCABEF $.
$}

$( MODUS_PONENS. $)
${
  mpd.1 $e |- ( ga -> ph ) $.
  mpd.2 $e |- ( ga -> ( ph -> ps ) ) $.
  mpd $p |- ( ga -> ps ) $=
    ( wim ax-s ax-mp ) CAFZCBFZDCABFFIJFECABGHH $.
$}

${
  syl.1 $e |- ( ga -> ph ) $.
  syl.2 $e |- ( ph -> ps ) $.
  syl $p |- ( ga -> ps ) $=
    ( wim a1i mpd ) ABCDABFCEGH $.
$}

$( HYPOTHETICAL_SYLLOGISM. $)
${
  syld.1 $e |- ( ga -> ( ph -> ps ) ) $.
  syld.2 $e |- ( ga -> ( ps -> ch ) ) $.
  syld $p |- ( ga -> ( ph -> ch ) ) $=
    ( wim ax-k syl ax-s mpd ) ABGZACGZDEABCGZGZLMGDNODFNAHIABCJIK $.
$}

$( ---- Conjunction and scopes: ( ga /\ ph ) is ga with the assumption ph ---- $)

$( AND_INTRO. $)
${
  andi.1 $e |- ( ga -> ph ) $.
  andi.2 $e |- ( ga -> ps ) $.
  andi $p |- ( ga -> ( ph /\ ps ) ) $=
    ( wan wim ax-and syl mpd ) BABFZCEABKGCDABHIJ $.
$}

$( AND_ELIM. $)
${
  andl.1 $e |- ( ga -> ( ph /\ ps ) ) $.
  andl $p |- ( ga -> ph ) $=
    ( wan ax-andl syl ) ABEACDABFG $.
$}

${
  andr.1 $e |- ( ga -> ( ph /\ ps ) ) $.
  andr $p |- ( ga -> ps ) $=
    ( wan ax-andr syl ) ABEBCDABFG $.
$}

$( A line, cited from within a scope. $)
${
  weak.1 $e |- ( ga -> ph ) $.
  weak $p |- ( ( ga /\ ps ) -> ph ) $=
    ( wan ax-andl syl ) CACBECBFDG $.
$}

$( CONDITIONAL_PROOF; its assumption is ax-andr. $)
${
  disch.1 $e |- ( ( ga /\ ph ) -> ps ) $.
  disch $p |- ( ga -> ( ph -> ps ) ) $=
    ( wan ax-and wim a1i syld ) ACAEZBCCAFJBGCDHI $.
$}

$( ---- Negation ---- $)

$( MODUS_TOLLENS. $)
${
  mtd.1 $e |- ( ga -> -. ps ) $.
  mtd.2 $e |- ( ga -> ( ph -> ps ) ) $.
  mtd $p |- ( ga -> -. ph ) $=
    ( wne wim ax-k syl ax-neg mpd ) ABFZGZAFZCLMCDLAHIABGMNGCEABJIK $.
$}

$( DOUBLE_NEGATION. $)
${
  dn.1 $e |- ( ga -> -. -. ph ) $.
  dn $p |- ( ga -> ph ) $=
    ( wne ax-dn syl ) ADDABCAEF $.
$}

${
  raa.1 $e |- ( ( ga /\ ph ) -> ps ) $.
  raa.2 $e |- ( ( ga /\ ph ) -> -. ps ) $.
  raa $p |- ( ga -> -. ph ) $=
    ( wne wim disch ax-neg syl mpd ) ABFZGZAFZCALCEHABGMNGCABCDHABIJK $.
$}

${
  raac.1 $e |- ( ( ga /\ -. ph ) -> ps ) $.
  raac.2 $e |- ( ( ga /\ -. ph ) -> -. ps ) $.
  raac $p |- ( ga -> ph ) $=
    ( wne raa dn ) ACAFBCDEGH $.
$}

${
  nn.1 $e |- ( ga -> ph ) $.
  nn $p |- ( ga -> -. -. ph ) $=
    ( wne weak ax-andr raa ) ADZABAHBCEBHFG $.
$}

${
  abs.1 $e |- ( ga -> ph ) $.
  abs.2 $e |- ( ga -> -. ph ) $.
  abs $p |- ( ga -> ps ) $=
    ( wne weak raac ) BACABFZCDGAFICEGH $.
$}

${
  absn.1 $e |- ( ga -> -. ph ) $.
  absn $p |- ( ga -> ( ph -> ps ) ) $=
    ( wan ax-andr wne weak abs disch ) ABCABCAECAFAGACDHIJ $.
$}

${
  absp.1 $e |- ( ga -> ph ) $.
  absp $p |- ( ga -> ( -. ph -> ps ) ) $=
    ( wne wan weak ax-andr abs disch ) AEZBCABCKFAKCDGCKHIJ $.
$}

$( CONTRADICTION, of an assumption that is no negation; abs gives F. $)
${
  refute.1 $e |- ( ( ga /\ ph ) -> F. ) $.
  refute $p |- ( ga -> -. ph ) $=
    ( wfa wan ax-fal syl wne raa ) AABDABAEZCAFGDAHZJCKFGI $.
$}

$( CONTRADICTION, of an assumption that is a negation. $)
${
  prove.1 $e |- ( ( ga /\ -. ph ) -> F. ) $.
  prove $p |- ( ga -> ph ) $=
    ( wne refute dn ) ABADBCEF $.
$}

$( ---- Disjunction ---- $)

$( OR_INTRO. $)
${
  orl.1 $e |- ( ga -> ph ) $.
  orl $p |- ( ga -> ( ph \/ ps ) ) $=
    ( wor ax-orl syl ) AABECDABFG $.
$}

${
  orr.1 $e |- ( ga -> ps ) $.
  orr $p |- ( ga -> ( ph \/ ps ) ) $=
    ( wor ax-orr syl ) BABECDABFG $.
$}

$( CASE_SPLIT, and DISJUNCTIVE_SYLLOGISM with absn or absp. $)
${
  orimp.1 $e |- ( ga -> ( ph -> ch ) ) $.
  orimp.2 $e |- ( ga -> ( ps -> ch ) ) $.
  orimp $p |- ( ga -> ( ( ph \/ ps ) -> ch ) ) $=
    ( wim wor ax-or syl mpd ) BCGZABHCGZDFACGLMGDEABCIJK $.
$}

$( ---- Equivalence ---- $)

$( BICONDITIONAL_INTRO. $)
${
  bii.1 $e |- ( ga -> ( ph -> ps ) ) $.
  bii.2 $e |- ( ga -> ( ps -> ph ) ) $.
  bii $p |- ( ga -> ( ph <-> ps ) ) $=
    ( wim wbi ax-bi syl mpd ) BAFZABGZCEABFKLFCDABHIJ $.
$}

$( BICONDITIONAL_ELIM. $)
${
  bil.1 $e |- ( ga -> ( ph <-> ps ) ) $.
  bil $p |- ( ga -> ( ph -> ps ) ) $=
    ( wbi wim ax-bil syl ) ABEABFCDABGH $.
$}

${
  bir.1 $e |- ( ga -> ( ph <-> ps ) ) $.
  bir $p |- ( ga -> ( ps -> ph ) ) $=
    ( wbi wim ax-bir syl ) ABEBAFCDABGH $.
$}

$( ---- Exclusive or: DISJUNCTIVE_SYLLOGISM ---- $)

${
  xoe.1 $e |- ( ga -> ( ph \/_ ps ) ) $.
  xoe $p |- ( ga -> ( ( ph \/ ps ) /\ -. ( ph /\ ps ) ) ) $=
    ( wxo wor wan wne wbi df-xo a1i bil mpd ) ABEZABFABGHGZCDNOCNOICABJKLM $.
$}

${
  xoor.1 $e |- ( ga -> ( ph \/_ ps ) ) $.
  xoor $p |- ( ga -> ( ph \/ ps ) ) $=
    ( wor wan wne xoe andl ) ABEABFGCABCDHI $.
$}

${
  xoi.1 $e |- ( ga -> ( ph \/ ps ) ) $.
  xoi.2 $e |- ( ga -> -. ( ph /\ ps ) ) $.
  xoi $p |- ( ga -> ( ph \/_ ps ) ) $=
    ( wor wan wne wxo andi wbi df-xo a1i bir mpd ) ABFZABGHZGZABIZCPQCDEJSRCSRKCABLMNO $.
$}

id $p |- ( ph -> ph ) $=
  ( wim ax-k ax-s ax-mp ) AAABZBZFAACAFABBGFBAFCAFADEE $.

${
  xolp.1 $e |- ( ga -> ( ph \/_ ps ) ) $.
  xolp.2 $e |- ( ga -> ph ) $.
  xolp $p |- ( ga -> -. ps ) $=
    ( wan weak ax-andr andi wne wor xoe andr raa )
    BABFZCABCBFABCEGCBHIOJZBCABKPCABCDLMGN $.
$}

${
  xorp.1 $e |- ( ga -> ( ph \/_ ps ) ) $.
  xorp.2 $e |- ( ga -> ps ) $.
  xorp $p |- ( ga -> -. ph ) $=
    ( wan ax-andr weak andi wne wor xoe andr raa )
    AABFZCABCAFCAGBACEHIOJZACABKPCABCDLMHN $.
$}

${
  xoln.1 $e |- ( ga -> ( ph \/_ ps ) ) $.
  xoln.2 $e |- ( ga -> -. ph ) $.
  xoln $p |- ( ga -> ps ) $=
    ( wor xoor absn wim id a1i orimp mpd ) ABFBCABCDGABBCABCEHBBICBJKLM $.
$}

${
  xorn.1 $e |- ( ga -> ( ph \/_ ps ) ) $.
  xorn.2 $e |- ( ga -> -. ps ) $.
  xorn $p |- ( ga -> ph ) $=
    ( wor xoor wim id a1i absn orimp mpd ) ABFACABCDGABACAAHCAIJBACEKLM $.
$}

${
  nxlp.1 $e |- ( ga -> -. ( ph \/_ ps ) ) $.
  nxlp.2 $e |- ( ga -> ph ) $.
  nxlp $p |- ( ga -> ps ) $=
    ( wxo wne wan weak orl ax-andr andr raa xoi raac )
    BABFZCABCBGZHZABRAQCEIJABHZBRABRSHRSKLQSRCQKIMNPGQCDIO $.
$}

${
  nxrp.1 $e |- ( ga -> -. ( ph \/_ ps ) ) $.
  nxrp.2 $e |- ( ga -> ps ) $.
  nxrp $p |- ( ga -> ph ) $=
    ( wxo wne wan weak orr ax-andr andl raa xoi raac )
    AABFZCABCAGZHZABRBQCEIJABHZARABRSHRSKLQSRCQKIMNPGQCDIO $.
$}

${
  nxln.1 $e |- ( ga -> -. ( ph \/_ ps ) ) $.
  nxln.2 $e |- ( ga -> -. ph ) $.
  nxln $p |- ( ga -> -. ps ) $=
    ( wxo wan ax-andr orr andl wne weak raa xoi )
    BABFZCABCBGZABPCBHIABGZAPABPQGPQHJAKZQPRBCELLMNOKBCDLM $.
$}

${
  nxrn.1 $e |- ( ga -> -. ( ph \/_ ps ) ) $.
  nxrn.2 $e |- ( ga -> -. ps ) $.
  nxrn $p |- ( ga -> -. ph ) $=
    ( wxo wan ax-andr orl andr wne weak raa xoi )
    AABFZCABCAGZABPCAHIABGZBPABPQGPQHJBKZQPRACELLMNOKACDLM $.
$}

$( ---- Substitution: th is x = t, and each step goes up from the atoms of a formula ---- $)

sbid $p |- ( th -> ( ph <-> ph ) ) $=
  ( wim id a1i bii ) AABAACBADEZGF $.

${
  sbtr.1 $e |- ( th -> ( ph <-> ps ) ) $.
  sbtr.2 $e |- ( th -> ( ps <-> ch ) ) $.
  sbtr $p |- ( th -> ( ph <-> ch ) ) $=
    ( bil syld bir bii ) ACDABCDABDEGBCDFGHCBADBCDFIABDEIHJ $.
$}

${
  sbne.1 $e |- ( th -> ( ph <-> ps ) ) $.
  sbne $p |- ( th -> ( -. ph <-> -. ps ) ) $=
    ( wne wan ax-andr wim bir weak mtd disch bil bii )
    AEZBEZCOPCBACOFCOGBAHOCABCDIJKLPOCABCPFCPGABHPCABCDMJKLN $.
$}

${
  sbim.1 $e |- ( th -> ( ph <-> ps ) ) $.
  sbim.2 $e |- ( th -> ( ch <-> ta ) ) $.
  sbim $p |- ( th -> ( ( ph -> ch ) <-> ( ps -> ta ) ) ) $=
    ( wim wan bir weak ax-andr bil syld disch bii )
    ACHZBEHZDQRDBAEDQIZBAHQDABDFJKACESDQLCEHQDCEDGMKNNORQDABCDRI
    ZABHRDABDFMKBECTDRLECHRDCEDGJKNNOP $.
$}

${
  sban.1 $e |- ( th -> ( ph <-> ps ) ) $.
  sban.2 $e |- ( th -> ( ch <-> ta ) ) $.
  sban $p |- ( th -> ( ( ph /\ ch ) <-> ( ps /\ ta ) ) ) $=
    ( wan ax-andr andl wim bil weak mpd andr andi disch bir bii )
    ACHZBEHZDTUADBEDTHZABUBACUBDTIZJABKTDABDFLMNCEUBACUBUCOCEKTD
    CEDGLMNPQUATDACDUAHZBAUDBEUDDUAIZJBAKUADABDFRMNECUDBEUDUEOEC KUADCEDGRMNPQS $.
$}

${
  sbor.1 $e |- ( th -> ( ph <-> ps ) ) $.
  sbor.2 $e |- ( th -> ( ch <-> ta ) ) $.
  sbor $p |- ( th -> ( ( ph \/ ch ) <-> ( ps \/ ta ) ) ) $=
    ( wor bil wim ax-orl a1i syld ax-orr orimp bir bii )
    ACHZBEHZDACSDABSDABDFIBSJDBEKLMCESDCEDGIESJDBENLMOBERDBARDAB
    DFPARJDACKLMECRDCEDGPCRJDACNLMOQ $.
$}

${
  sbbi.1 $e |- ( th -> ( ph <-> ps ) ) $.
  sbbi.2 $e |- ( th -> ( ch <-> ta ) ) $.
  sbbi $p |- ( th -> ( ( ph <-> ch ) <-> ( ps <-> ta ) ) ) $=
    ( wbi wan wim bir weak ax-andr bil syld bii disch )
    ACHZBEHZDRSDBEDRIZBAETBAJZRDABDFKZLACETACTDRMZNCEJZRDCEDGNZL
    OOECBTECJZRDCEDGKZLCABTACTUCKABJZRDABDFNZLOOPQSRDACDSIZABCUJ
    UHSDUILBECUJBEUJDSMZNUFSDUGLOOCEAUJUDSDUELEBAUJBEUJUKKUASDUB LOOPQP $.
$}

${
  sbxo.1 $e |- ( th -> ( ph <-> ps ) ) $.
  sbxo.2 $e |- ( th -> ( ch <-> ta ) ) $.
  sbxo $p |- ( th -> ( ( ph \/_ ch ) <-> ( ps \/_ ta ) ) ) $=
    ( wxo wor wan wne wbi df-xo a1i sbor sban sbne bir bil bii sbtr )
    ACHZACIZACJZKZJZBEHZDUBUFLDACMNUFBEIZBEJZKZJZUGDUCUHUEDUJABC
    DEFGOUDUIDABCDEFGPQPUKUGDUGUKDUGUKLDBEMNZRUGUKDULSTUAUA $.
$}

${
  $d x ga $.
  allim.1 $e |- ( ga -> ( ph -> ps ) ) $.
  allim $p |- ( ga -> ( A. x ph -> A. x ps ) ) $=
    ( wim wal ax-vac ax-gen ax-all ax-mp syl )
    ABFZDGZADGBDGFCCDGZNCCDHCMFZDGONFPDEICMDJKLABDJL $.
$}

${
  $d x th $.
  sbal.1 $e |- ( th -> ( ph <-> ps ) ) $.
  sbal $p |- ( th -> ( A. x ph <-> A. x ps ) ) $=
    ( wal bil allim bir bii ) ADFBDFCABCDABCEGHBACDABCEIHJ $.
$}

${
  $d x th $.
  sbex.1 $e |- ( th -> ( ph <-> ps ) ) $.
  sbex $p |- ( th -> ( E. x ph <-> E. x ps ) ) $=
    ( wex wne wal wbi df-ex a1i sbne sbal bir bil bii sbtr )
    ADFZAGZDHZGZBDFZCRUAICADJKUABGZDHZGZUBCTUDCSUCCDABCELMLUEUBC
    UBUECUBUEICBDJKZNUBUECUFOPQQ $.
$}

$( ---- Quantifiers ---- $)

${
  $d x t $.
  anyone $p |- ( ga -> -. A. x -. x = t ) $=
    ( tv weq wex wne wal ax-ex a1i wbi df-ex bil mpd )
    BDCEZBFZOGBHGZAPABCIJPQAPQKAOBLJMN $.
$}

${
  ctr.1 $e |- ( th -> ( ph <-> ps ) ) $.
  ctr $p |- ( ph -> ( -. ps -> -. th ) ) $=
    ( wne wan ax-andl weak wim ax-andr bil syl mpd raa disch )
    BEZCEACBAPFZABQCFZACQAPGHCABIRQCJABCDKLMPCQAPJHNO $.
$}

${
  $d x t $.
  $d x ps $.
  inst.1 $e |- ( x = t -> ( ph <-> ps ) ) $.
  inst $p |- ( A. x ph -> ps ) $=
    ( tv weq wne wal wan ax-andr ax-vac syl wim ctr ax-gen ax-all ax-mp weak mpd anyone
    raac ) BCFDGZHZCIZACIZBHZCIZUEUFUGJZUGUHUIUFUGKUGCLMUHUENZUGUFUGUDN
    ZCIZUJUFAUKNZCIUFULNUMCABUCEOPAUKCQRUGUDCQMSTUICDUAUB $.
$}

$( UNIV_INSTANTIATION. $)
${
  $d x t $.
  $d x ps $.
  ui.1 $e |- ( ga -> A. x ph ) $.
  ui.2 $e |- ( x = t -> ( ph <-> ps ) ) $.
  ui $p |- ( ga -> ps ) $=
    ( wal inst syl ) ADHBCFABDEGIJ $.
$}

$( UNIV_GENERALIZATION, over the variable y. $)
${
  $d y ga $.
  $d y ps $.
  $d x ph $.
  $d x y $.
  ug.1 $e |- ( ga -> ph ) $.
  ug.2 $e |- ( y = x -> ( ph <-> ps ) ) $.
  ug $p |- ( ga -> A. x ps ) $=
    ( wal ax-vac wim ax-gen ax-all ax-mp syl tv inst )
    AEHZBDHZCCEHZQCCEICAJZEHSQJTEFKCAELMNQDHZRQQDIQBJZDHUARJUBDA BEDOGPKQBDLMNN $.
$}

$( EXIST_GENERALIZATION. $)
${
  $d x t $.
  $d x ps $.
  eg.1 $e |- ( ga -> ps ) $.
  eg.2 $e |- ( x = t -> ( ph <-> ps ) ) $.
  eg $p |- ( ga -> E. x ph ) $=
    ( wne wal wex weak wan ax-andr tv weq sbne inst syl raa wbi df-ex a1i bir mpd )
    AHZDIZHZADJZCUFBCBUFCFKUFBHZCUFLCUFMUEUIDEABDNEOGPQRSUHUGCUH UGTCADUAUBUCUD $.
$}

$( EXIST_INSTANTIATION: its scope, in which y is the witness. $)
${
  $d y ga $.
  $d y ph $.
  $d y ch $.
  $d x ps $.
  $d x y $.
  ew.1 $e |- ( ga -> E. x ph ) $.
  ew.2 $e |- ( y = x -> ( ps <-> ph ) ) $.
  ew.3 $e |- ( ( ga /\ ps ) -> ch ) $.
  ew $p |- ( ga -> ch ) $=
    ( wne wal wan ax-andl andl ax-andr andi syl weak raa tv weq sbne ug wex wbi df-ex
    a1i bil mpd raac ) CAJZEKZDBJUKDCJZLZEFBCUNDBLCUNBLZDBUODUMUOUNBMNUNBOPIQUMBUND
    UMORSBAFTETUAHUBUCULJZUMDAEUDZUPDGUQUPDUQUPUEDAEUFUGUHUIRUJ $.
$}

$( ---- Ends ---- $)

$( A line outside every scope. $)
${
  done.1 $e |- ( T. -> ph ) $.
  done $p |- ph $=
    ( wtr ax-tru ax-mp ) CADBE $.
$}

$( The first, where the second is proved too: a step that the conclusion does not need. $)
${
  also.1 $e |- ph $.
  also.2 $e |- ps $.
  also $p |- ph $=
    (  ) C $.
$}
