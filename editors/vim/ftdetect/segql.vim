autocmd BufRead,BufNewFile *.seg setfiletype segql
