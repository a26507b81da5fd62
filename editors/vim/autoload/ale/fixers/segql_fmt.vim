function! ale#fixers#segql_fmt#Fix(buffer) abort
  return {'command': ale#Escape(ale#Var(a:buffer, 'segql_executable')) . ' fmt -'}
endfunction
