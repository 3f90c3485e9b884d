//! `#[derive(Encode, Decode)]`: how a structure or an enumeration of `loa_domain` becomes bytes, and is read from them.
//!
//! What the bytes look like stands in `domain/src/wire.rs`; the attributes are those of the crate minicbor, whose own
//! derives they replace. Those write through a result at every value, and read by value, allow for arrays without a
//! length and carry an error with a place through every call: on a Cortex-M3 that was 45 KB of flash to read the 60
//! structures that a board knows, and their size three times over on its stack. These write without an error on the way
//! and read in place. `#[n(1)]` and `#[b(1)]` are the place of a field in its array, or the number of a variant.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::meta::ParseNestedMeta;
use syn::{
    Attribute, Data, DeriveInput, Error, Fields, GenericParam, Lifetime, LifetimeParam, LitInt, Member as Name,
    parse_macro_input,
};

/// Reads what `#[derive(Encode)]` with the same attributes writes.
#[proc_macro_derive(Decode, attributes(n, b, cbor))]
pub fn decode(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    reading(&input).unwrap_or_else(Error::into_compile_error).into()
}

/// Writes an array of the fields; those at the end that are nothing are left out.
#[proc_macro_derive(Encode, attributes(n, b, cbor))]
pub fn encode(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    writing(&input).unwrap_or_else(Error::into_compile_error).into()
}

fn writing(input: &DeriveInput) -> Result<TokenStream, Error> {
    let (name, (of_impl, of_type, bounds)) = (&input.ident, input.generics.split_for_impl());
    let body = match &input.data {
        Data::Struct(data) if says(&input.attrs, "transparent")? => {
            let members = members(&data.fields, false)?;
            let name = members.first().map(|member| &member.name);
            quote! {
                fn write(&self, to: &mut ::loa_domain::wire::Writer<'_>) {
                    self.#name.write(to);
                }

                fn is_nothing(&self) -> bool {
                    self.#name.is_nothing()
                }
            }
        }
        Data::Struct(data) => {
            let members = members(&data.fields, true)?;
            let places: Vec<_> = members.iter().map(|Member { name, .. }| quote!(&self.#name)).collect();
            let written = written(&members, &places);
            quote! {
                fn write(&self, to: &mut ::loa_domain::wire::Writer<'_>) {
                    #written
                }
            }
        }
        Data::Enum(data) => {
            let is_numbered = says(&input.attrs, "index_only")?;
            let arms = data.variants.iter().map(|variant| write_variant(variant, is_numbered));
            let arms = arms.collect::<Result<Vec<_>, _>>()?;
            quote! {
                fn write(&self, to: &mut ::loa_domain::wire::Writer<'_>) {
                    match self {
                        #(#arms)*
                    }
                }
            }
        }
        Data::Union(_) => return Err(Error::new_spanned(input, "a union has no bytes of its own")),
    };
    Ok(quote! {
        impl #of_impl ::loa_domain::wire::Encode for #name #of_type #bounds {
            #body
        }
    })
}

/// A variant's number and, unless it is all there is, an array of its fields.
fn write_variant(variant: &syn::Variant, is_numbered: bool) -> Result<TokenStream, Error> {
    let (name, number) = (&variant.ident, u64::from(number_of_variant(variant)?));
    if is_numbered {
        return Ok(quote!(Self::#name => to.unsigned(#number),));
    }
    let members = members(&variant.fields, true)?;
    let names: Vec<_> = members.iter().map(|member| &member.name).collect();
    let locals: Vec<_> = (0..members.len()).map(|at| format_ident!("field_{at}")).collect();
    let places: Vec<_> = locals.iter().map(|local| quote!(#local)).collect();
    let written = written(&members, &places);
    Ok(quote! {
        Self::#name { #(#names: #locals,)* } => {
            to.array(2);
            to.unsigned(#number);
            #written
        }
    })
}

/// Writes fields, in the order of their numbers, as an array that ends with the last one that is something.
fn written(members: &[Member], places: &[TokenStream]) -> TokenStream {
    let ends = members.iter().zip(places).map(|(Member { number, .. }, place)| {
        let end = number + 1;
        quote! {
            if !::loa_domain::wire::Encode::is_nothing(#place) {
                length = #end;
            }
        }
    });
    let mut next = 0;
    let writes = members.iter().zip(places).map(|(Member { number, .. }, place)| {
        let gaps: Vec<_> = (next..*number).collect();
        next = number + 1;
        quote! {
            #(if #gaps < length {
                to.nothing();
            })*
            if #number < length {
                ::loa_domain::wire::Encode::write(#place, to);
            }
        }
    });
    let writes: Vec<_> = writes.collect();
    let length = if members.is_empty() { quote!(let length = 0_u32;) } else { quote!(let mut length = 0_u32;) };
    quote! {
        #length
        #(#ends)*
        to.array(length);
        #(#writes)*
    }
}

fn reading(input: &DeriveInput) -> Result<TokenStream, Error> {
    let (blank, read) = match &input.data {
        Data::Struct(data) if says(&input.attrs, "transparent")? => transparent(&data.fields)?,
        Data::Struct(data) => structure(&data.fields)?,
        Data::Enum(data) if says(&input.attrs, "index_only")? => numbered(data)?,
        Data::Enum(data) => enumeration(data)?,
        Data::Union(_) => return Err(Error::new_spanned(input, "a union has no bytes of its own")),
    };
    let name = &input.ident;
    let (_, of_type, bounds) = input.generics.split_for_impl();
    // What is borrowed lives as long as the bytes.
    let mut generics = input.generics.clone();
    let bytes = if let Some(known) = input.generics.lifetimes().next() {
        known.lifetime.clone()
    } else {
        let new = Lifetime::new("'bytes", proc_macro2::Span::call_site());
        generics.params.insert(0, GenericParam::Lifetime(LifetimeParam::new(new.clone())));
        new
    };
    let (of_impl, ..) = generics.split_for_impl();
    Ok(quote! {
        impl #of_impl ::loa_domain::wire::Decode<#bytes> for #name #of_type #bounds {
            #[inline]
            fn blank() -> Self {
                #blank
            }

            fn read(
                &mut self,
                from: &mut ::loa_domain::wire::Reader<#bytes>,
            ) {
                #read
            }
        }
    })
}

/// A structure that is written as its only field.
fn transparent(fields: &Fields) -> Result<(TokenStream, TokenStream), Error> {
    let members = members(fields, false)?;
    let [Member { name, .. }] = members.as_slice() else {
        return Err(Error::new_spanned(fields, "what is transparent has one field"));
    };
    Ok((quote!(Self { #name: ::loa_domain::wire::Decode::blank() }), quote!(self.#name.read(from);)))
}

/// An array of its fields.
fn structure(fields: &Fields) -> Result<(TokenStream, TokenStream), Error> {
    let members = members(fields, true)?;
    let names = members.iter().map(|member| &member.name);
    let blank = quote!(Self { #(#names: ::loa_domain::wire::Decode::blank(),)* });
    let reads = members.iter().map(|Member { name, number }| quote!(fields.read(#number, &mut self.#name);));
    let read = quote! {
        let mut fields = ::loa_domain::wire::Fields::of(from);
        #(#reads)*
        fields.end();
    };
    Ok((blank, read))
}

/// The number of a variant, without fields.
fn numbered(data: &syn::DataEnum) -> Result<(TokenStream, TokenStream), Error> {
    let names: Vec<_> = data.variants.iter().map(|variant| &variant.ident).collect();
    let numbers = data.variants.iter().map(number_of_variant).collect::<Result<Vec<_>, _>>()?;
    let first = names.first().ok_or_else(|| Error::new_spanned(&data.variants, "nothing to choose from"))?;
    let read = quote! {
        match from.number() {
            #(#numbers => *self = Self::#names,)*
            _ => from.fail(),
        }
    };
    Ok((quote!(Self::#first), read))
}

/// The number of a variant and an array of its fields.
fn enumeration(data: &syn::DataEnum) -> Result<(TokenStream, TokenStream), Error> {
    let mut first = None;
    let mut arms = Vec::new();
    for variant in &data.variants {
        let (name, number) = (&variant.ident, number_of_variant(variant)?);
        let members = members(&variant.fields, true)?;
        let places: Vec<_> = members.iter().map(|member| &member.name).collect();
        let numbers = members.iter().map(|member| member.number);
        let locals: Vec<_> = (0..members.len()).map(|at| format_ident!("field_{at}")).collect();
        let blank = quote!(Self::#name { #(#places: ::loa_domain::wire::Decode::blank(),)* });
        let read = (!members.is_empty()).then(|| {
            quote! {
                if let Self::#name { #(#places: #locals,)* } = self {
                    #(fields.read(#numbers, #locals);)*
                }
            }
        });
        arms.push(quote! {
            #number => {
                *self = #blank;
                #read
            }
        });
        first = first.or(Some(blank));
    }
    let first = first.ok_or_else(|| Error::new_spanned(&data.variants, "nothing to choose from"))?;
    let read = quote! {
        let number = from.variant();
        let mut fields = ::loa_domain::wire::Fields::of(from);
        match number {
            #(#arms)*
            _ => return from.fail(),
        }
        fields.end();
    };
    Ok((first, read))
}

fn number_of_variant(variant: &syn::Variant) -> Result<u32, Error> {
    number_of(&variant.attrs)?.ok_or_else(|| Error::new_spanned(variant, "a variant needs its number: #[n(…)]"))
}

/// A field: its name, or its place in a tuple, and its number.
struct Member {
    name: Name,
    number: u32,
}

/// The fields in the order of their numbers. A field needs a number if `must_be_numbered`.
fn members(fields: &Fields, must_be_numbered: bool) -> Result<Vec<Member>, Error> {
    let read = fields.members().zip(fields).map(|(name, field)| match number_of(&field.attrs)? {
        Some(number) => Ok(Member { name, number }),
        None if !must_be_numbered => Ok(Member { name, number: 0 }),
        None => Err(Error::new_spanned(field, "a field needs its number: #[n(…)]")),
    });
    let mut members = read.collect::<Result<Vec<_>, _>>()?;
    members.sort_by_key(|member| member.number);
    if members.windows(2).any(|pair| pair[0].number == pair[1].number) {
        return Err(Error::new_spanned(fields, "two fields have one number"));
    }
    Ok(members)
}

/// The number that stands in attributes.
fn number_of(attributes: &[Attribute]) -> Result<Option<u32>, Error> {
    let mut number = None;
    for attribute in attributes {
        if attribute.path().is_ident("n") || attribute.path().is_ident("b") {
            number = Some(attribute.parse_args::<LitInt>()?.base10_parse()?);
        }
    }
    Ok(number)
}

/// Whether `#[cbor(word)]` is among the attributes.
fn says(attributes: &[Attribute], word: &str) -> Result<bool, Error> {
    let mut found = false;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("cbor")) {
        attribute.parse_nested_meta(|meta| {
            found |= meta.path.is_ident(word);
            known(&meta)
        })?;
    }
    Ok(found)
}

/// Refuses what would change the bytes in a way that is not known here.
fn known(meta: &ParseNestedMeta<'_>) -> Result<(), Error> {
    let is_known = ["transparent", "index_only"].iter().any(|word| meta.path.is_ident(word));
    is_known.then_some(()).ok_or_else(|| meta.error("not an attribute of Loa's `Encode` and `Decode`"))
}
