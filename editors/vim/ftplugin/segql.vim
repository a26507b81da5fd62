if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1
setlocal commentstring=#\ %s comments=:# shiftwidth=2 expandtab
let b:undo_ftplugin = 'setlocal commentstring< comments< shiftwidth< expandtab<'

" For ALE, where it is there.
silent! call ale#fix#registry#Add('segql_fmt', 'ale#fixers#segql_fmt#Fix', ['segql'], 'Format with segql fmt.')
