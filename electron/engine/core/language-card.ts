/** RTFS on one page, for whoever writes it without knowing it: a language model that is asked for a Source. */

/** The names it may mention are those of the compiler's own table; a test holds the two together. */
export const languageCard = `RTFS (profile l4-1) is a small, pure, strict language that looks like Clojure and differs from it where this page says so.

DEFINITIONS
  (defn name [a :int  b :string  xs : [:vector :int]] : [:vector :int]  body...)
     the type stands after each parameter, the result's before the body; a bracketed type needs a colon of its own before it
  (def limit 10)    (fn [x] (+ x 1))    #(+ % 1)    (let [a 1  b (+ a 1)] body...)    (do a b)
  A Source holds definitions only; the LAST top-level defn is the entry that is called. Helpers come before or after it.
  No docstrings, no multiple arities, no quote, no sets, no commas. Comments begin with ;

CONTROL
  (if c then else)    only nil and false are falsy
  (match x  0 "zero"  n when (> n 9) "big"  [a b] a  [h & t] h  {:k v & r} v  _ "other")    flat list of pattern and result, no brackets around clauses
  (try body (catch e (getMessage e)) (finally x))      (dotimes [i n] body)      (for [x xs] body) gives a vector
  THERE IS NO: cond case when loop recur set! quot -> ->> some into zero? pos? neg? identity println sort-by frequencies assoc-in

LOOPS are recursion: a function that calls itself in tail position runs in constant space; or use reduce.
  (defn sum-to [n :int acc :int] :int (if (= n 0) acc (sum-to (- n 1) (+ acc n))))

VALUES  integers (64 bit, overflow is an error), floats, strings, keywords, booleans, nil, vectors [1 2], maps {:a 1 "b" 2}
  Equality is strict: 1 and 1.0 differ. A keyword is a function of a map: (:a m). Maps, vectors and numbers are not functions.

TYPES   :int :float :string :bool :nil :keyword :any :fn   [:vector T]  [:tuple T U]  [:map [:key T] [:optional T ?]]  [:map-of K V]
        [:union T :nil]  [:enum :a :b]  [:fn [T U] R]  refined: [:and :int [:>= 0]]

FUNCTIONS  (argument order matters)
  numbers   + - * / mod pow inc dec abs max min sqrt factorial even? odd? int float parse-int parse-float
            / of integers is exact: (/ 6 2) is 3, (/ 7 2) is 3.5; the whole quotient is (int (/ a b)); mod has the dividend's sign
  compare   = != not= < > <= >= (exactly two numbers or two strings)   and or not (and, or are functions: every argument is evaluated)
  strings   str string-length string-upper string-lower string-trim (string-contains s part) (starts-with? s prefix)
            (substring s from to) (split s separator) with "" splits into characters, (join separator items)
            (re-matches pattern s) searches, (re-find pattern s), (re-seq pattern s)
  sequences vector count empty? first rest last (nth v i default) (conj v x) (cons x v) (concat v w) reverse (take n v) (drop n v)
            (subvec v from to) distinct (partition n v) (sort v) ascending only, (range from to) half open, (numbers from to) inclusive, (contains? v x)
            (map f v) one collection, (map-indexed f v) with (f index x), (filter f v) (remove f v) (reduce f initial v) (apply f v) (group-by f v)
            (every? f v) (some? f v)
  maps      hash-map (get m k default) (get-in m [:a :b] default) (assoc m k v) (dissoc m k) (merge m n) (update m k f) keys vals (find m k)
            maps iterate in a fixed order: integer keys, strings, keywords, each sorted
  kinds     int? float? number? string? bool? nil? map? vector? list? keyword? fn? type-name
  other     (parse-json s) (serialize-json x) (Exception. message) (getMessage e)
`
