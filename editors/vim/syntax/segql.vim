" The words of the language; the server knows the rest.
if exists('b:current_syntax')
  finish
endif

syntax keyword segqlOperator and or not is has contains starts ends matches between
syntax keyword segqlKeyword where when otherwise case expect of in as on since before within per with by
syntax keyword segqlKeyword last next this previous top bottom followed preceded directly entered left have every periods allowing missed distinct
syntax keyword segqlConstant true false known missing everyone as_of today yesterday tomorrow
syntax keyword segqlUnit second seconds minute minutes hour hours day days week weeks month months quarter quarters year years km ago
syntax match segqlDeclaration /^\%(segment\|split\|holdout\|trait\|rfm\|list\|param\)\>/ nextgroup=segqlName skipwhite
syntax match segqlName /`[^`]*`\|[[:alpha:]_][[:alnum:]_]*/ contained
syntax match segqlKey /^\s\+\zs\%(title\|description\|owner\|tags\|goal\|priority\|channels\|valid_from\|valid_until\|deprecated\)\ze\s*:/
syntax match segqlFunction /\<[[:alpha:]_][[:alnum:]_]*\ze(/
syntax match segqlNumber /\<\d[0-9_]*\%(\.[0-9_]\+\)\?%\?/
syntax match segqlDate /\<\d\{4}-\d\d\%(-\d\d\%(T\d\d:\d\d\%(:\d\d\)\?\%(Z\|[+-]\d\d:\d\d\)\?\)\?\)\?\>/
syntax match segqlQuoted /`\%([^`]\|``\)*`/
syntax region segqlText start=/"/ skip=/\\./ end=/"/ oneline
syntax match segqlRegex /\<matches\s\+\zs\/\%([^\/\\]\|\\.\)*\/\a*/
syntax match segqlComment /#.*$/ contains=@Spell

highlight default link segqlOperator Operator
highlight default link segqlKeyword Keyword
highlight default link segqlConstant Constant
highlight default link segqlUnit Type
highlight default link segqlDeclaration Statement
highlight default link segqlName Identifier
highlight default link segqlKey Label
highlight default link segqlFunction Function
highlight default link segqlNumber Number
highlight default link segqlDate Number
highlight default link segqlQuoted Identifier
highlight default link segqlText String
highlight default link segqlRegex String
highlight default link segqlComment Comment

let b:current_syntax = 'segql'
