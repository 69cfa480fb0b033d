/** 256 short words: one for each byte. */
const WORDS = (
  "acid acre aqua arch army atom aunt auto away axis baby bake ball band bank barn base bath bead beam bean bear " +
  "beat bell belt bend bird bite blue boat body bold bolt bone book boot boss bowl brim bulb bush cafe cage cake " +
  "calf calm camp cane card cart cash cave cell chef chin city clay clip club coal coat code coil coin comb cone " +
  "cook cool copy cord cork corn crab crew crop crow cube curl dark dart dawn deck deep deer desk dice dish dock " +
  "dome door dove drum duck dune dust east echo edge epic exit face fair fall farm fast fern film fire fish flag " +
  "flat flea flow flux foam fold folk food fork fort frog fuel gala game gate gift girl glow goal goat gold golf " +
  "gray grid grip gulf hail hair half hall hand harp hawk heat herb hero hill hint hive home hook hope horn hour " +
  "idea inch iron item jazz joke jump jury keen kelp kick kind king kite knee knot lake lamb lamp land lark lava " +
  "lawn leaf lens lime line lion lock loft long loop luck lung main mango maple mask mast meal menu mild milk mill " +
  "mint mist moon moss moth myth nail navy nest news noon nose note oaks oath oats olive onyx opal oval oven pace " +
  "page palm park path peak pear pine pink plum poem polo pond pony port quiz raft rain reef rice ring road rock " +
  "roof rope rose ruby rust sage sail salt sand seal seed ship shoe silk"
).split(" ");

/**
 * The first four bytes of a digest as words that two people can compare over the phone. A stranger between the two
 * sides has one chance in four thousand millions that both see the same.
 */
export function wordsOf(digest: Uint8Array): string {
  return [...digest.subarray(0, 4)].map((byte) => WORDS[byte] ?? "").join(" ");
}
