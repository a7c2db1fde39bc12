module remedy.test/words

go 1.26
