" ALE starts the language server; g:ale_segql_executable says where segql is.
call ale#Set('segql_executable', 'segql')

function! ale_linters#segql#segql_lsp#GetProjectRoot(buffer) abort
  let l:catalog = ale#path#FindNearestFile(a:buffer, 'catalog.yaml')
  return !empty(l:catalog) ? fnamemodify(l:catalog, ':h') : fnamemodify(bufname(a:buffer), ':p:h')
endfunction

call ale#linter#Define('segql', {
\   'name': 'segql_lsp',
\   'lsp': 'stdio',
\   'executable': {b -> ale#Var(b, 'segql_executable')},
\   'command': '%e lsp',
\   'project_root': function('ale_linters#segql#segql_lsp#GetProjectRoot'),
\})
